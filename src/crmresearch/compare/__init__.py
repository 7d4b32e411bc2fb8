"""Several published reports of one study, compared: what differs beyond chance and what does not.

Only what is published is read (`report.published`), so nothing can be told here that the reports do
not tell already: what they hide stays hidden, and every pooled number is made of shown ones alone.
"""
