"""What the simulated customers write: phrasings of every theme, in English and in German."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrasings:
    """Sentences by language for a poor and for a good experience; {words} are filled in."""

    poor: dict[str, tuple[str, ...]]
    good: dict[str, tuple[str, ...]]


LANGUAGES = ("en", "de")
FILLED = {
    "en": {
        "place": ("warehouse", "office", "branch", "workshop", "shop floor", "second site"),
        "when": ("every afternoon", "twice a week", "most mornings", "since the spring", "again"),
        "long": ("twenty minutes", "half an hour", "far too long", "three days", "a whole week"),
        "team": ("support team", "account manager", "technician", "lady on the phone", "installer"),
        "month": ("March", "June", "September", "November"),
    },
    "de": {
        "place": ("Lager", "Büro", "Werk", "zweiten Standort"),
        "when": ("jeden Nachmittag", "zweimal die Woche", "seit dem Frühjahr"),
        "long": ("zwanzig Minuten", "eine halbe Stunde", "drei Tage", "viel zu lange"),
        "team": ("Techniker", "Kundenbetreuer", "Berater"),
        "month": ("März", "Juni", "September"),
    },
}

WORDS: dict[str, Phrasings] = {
    "network": Phrasings(
        poor={
            "en": (
                "The line drops {when}, please look at our {place} again.",
                "No mobile coverage in the {place}; calls break off.",
                "The connection fails {when} and nobody tells us about the outage.",
                "Reception in our {place} is weak, signal lost {when}.",
                "Network outages {when} cost us orders.",
                "Internet speed is well below what was promised, the line is slow {when}.",
            ),
            "de": (
                "Das Netz fällt {when} aus.",
                "Kein Empfang im {place}, die Verbindung bricht ab.",
                "Die Leitung ist langsam und fällt {when} aus.",
            ),
        },
        good={
            "en": (
                "Coverage in our {place} is excellent, not one outage this year.",
                "The network is stable and the connection fast.",
                "Good reception everywhere, even in the {place}.",
            ),
            "de": ("Das Netz ist stabil, guter Empfang im {place}.",),
        },
    ),
    "price": Phrasings(
        poor={
            "en": (
                "Too expensive for what we get.",
                "The price went up in {month} without any better offer.",
                "We would leave if the contract allowed it.",
                "The contract runs too long and new customers pay a lower tariff.",
                "Competitors offer the same tariff at a lower price.",
                "Fees for every extra line make the contract expensive.",
            ),
            "de": (
                "Zu teuer, der Tarif passt nicht mehr zu uns.",
                "Der Vertrag läuft zu lange und der Preis steigt.",
                "Neukunden zahlen weniger als wir, der Preis ist zu hoch.",
            ),
        },
        good={
            "en": (
                "Fair price and a contract that we can change.",
                "The new tariff is good value for the price.",
            ),
            "de": ("Guter Preis, fairer Vertrag.",),
        },
    ),
    "staff": Phrasings(
        poor={
            "en": (
                "The {team} was rude and did not listen.",
                "Staff seem not to care, the {team} was unfriendly.",
                "Unfriendly people, the {team} knew nothing about us.",
            ),
            "de": ("Der {team} war unfreundlich.",),
        },
        good={
            "en": (
                "Good service, the {team} was friendly and came on the same day.",
                "The {team} is always polite and helpful.",
                "Very friendly staff, they know us by name.",
                "Our {team} listens, is patient and competent.",
                "Helpful and kind people, especially the {team}.",
                "Friendly {team}, who explained everything patiently.",
            ),
            "de": (
                "Der {team} ist sehr freundlich und hilfsbereit.",
                "Freundliche Mitarbeiter, der {team} kennt uns.",
                "Der {team} war kompetent und geduldig.",
            ),
        },
    ),
    "waiting": Phrasings(
        poor={
            "en": (
                "We waited {long} on the hotline before anybody answered.",
                "Hold music for {long}, then the call was cut off.",
                "Nobody calls back; a ticket stays open for {long}.",
                "The hotline passes us from one queue to the next.",
                "Waiting times on the phone are terrible, {long} in the queue.",
                "It took {long} to get an answer to our ticket.",
            ),
            "de": (
                "Wir sind zufrieden, aber die Hotline ist langsam.",
                "In der Warteschleife warten wir {long}, niemand ruft zurück.",
                "Die Hotline ist nie erreichbar, Wartezeit {long}.",
            ),
        },
        good={
            "en": (
                "The hotline answers at once, no waiting.",
                "Our ticket was answered within the hour, no queue on the phone.",
            ),
            "de": ("Die Hotline ist schnell erreichbar, keine Wartezeit.",),
        },
    ),
    "billing": Phrasings(
        poor={
            "en": (
                "Invoice is hard to read; our accounts department asks about it each month.",
                "The invoice for {month} was wrong again.",
                "Billing errors {when}, the credit note never arrived.",
                "We were billed twice in {month} and had to dispute the invoice.",
                "Charges on the bill that nobody can explain.",
                "The bill lists lines we cancelled in {month}.",
            ),
            "de": (
                "Die Rechnung vom {month} war wieder falsch.",
                "Die Abrechnung versteht niemand, Fehler auf jeder Rechnung.",
                "Doppelt abgebucht im {month}, keine Gutschrift.",
            ),
        },
        good={
            "en": (
                "The invoice is clear and always correct.",
                "Billing works, our accounts department is happy with the invoices.",
            ),
            "de": ("Die Rechnung ist klar und stimmt immer.",),
        },
    ),
    "website": Phrasings(
        poor={
            "en": (
                "The website logs us out and the app crashes.",
                "Cannot find anything in the customer portal.",
                "The app is slow and the password reset on the website fails.",
                "Login to the portal does not work on a tablet.",
                "The website is confusing, the app shows another address.",
                "Ordering on the website ends in an error page.",
            ),
            "de": (
                "Die App stürzt ab und die Anmeldung im Portal geht nicht.",
                "Auf der Webseite findet man nichts.",
                "Das Kundenportal ist unübersichtlich, das Passwort wird nicht angenommen.",
            ),
        },
        good={
            "en": (
                "The app is easy and the portal shows all that we need.",
                "I like the new website, ordering in the portal takes a minute.",
            ),
            "de": ("Die App ist einfach, das Portal übersichtlich.",),
        },
    ),
    "praise": Phrasings(
        poor={
            "en": ("All in all we are content.", "It does its job, we are satisfied overall."),
            "de": ("Alles in allem zufrieden.",),
        },
        good={
            "en": (
                "Very satisfied, keep it up!",
                "Excellent provider, we recommend it gladly.",
                "Great, thank you for years of good work together.",
                "We are happy customers and would choose it again.",
                "Best provider that we have had, many thanks.",
            ),
            "de": (
                "Sehr zufrieden, weiter so!",
                "Ein toller Anbieter, vielen Dank.",
                "Wir empfehlen den Anbieter gerne weiter.",
            ),
        },
    ),
}
NOTHING = {
    "en": ("Nothing to add.", "No comment.", "See above.", "n/a", "None at present."),
    "de": ("Nichts hinzuzufügen.", "Keine Anmerkungen."),
}
PERSONAL = (
    "Please call back: Jane Example, +49 30 555 0100, jane@example.com",
    "Contract number 4711-0815, ask for Mr Example at extension 204.",
    "Regards, Max Mustermann, Musterstrasse 12, 10115 Berlin",
    "Prix correct, réseau très stable. Mme Exemple, 01 99 00 12 34",
)
HOSTILE = (
    '<script>alert("crm")</script>',
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.com","click")',
    "+1+1",
    "@SUM(A1:A9)",
    "-2+3",
    "bell\x07 and escape \x1b[31mred\x1b[0m",
    "right to left \u202egnp.exe",
    "two lines,\nand a comma",
    'a "quoted" word; and a semicolon',
    "tab\tin the middle",
    "](javascript:alert(1)) **bold** $x^2$ {{ braces }} %(percent)s",
    "zero width\u200b and accents e\u0301 \U0001f4de",
    "very long " * 1200,
)
