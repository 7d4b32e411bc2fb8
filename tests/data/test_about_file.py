import pytest

from crmresearch.data.about_file import read_about


def read(tmp_path, text):
    path = tmp_path / "about.toml"
    path.write_text(text, encoding="utf-8")
    about, problems = read_about(path, title="folder")
    return about, [str(problem) for problem in problems]


def test_it_is_read(tmp_path):
    about, problems = read(
        tmp_path,
        'title = "Wave 1"\ndesign = "experiment"\nmin_cell = 5\n[file]\ndelimiter = "\\t"\n',
    )
    assert not problems
    assert (about.title, about.design, about.min_cell) == ("Wave 1", "experiment", 5)
    assert about.file == {"delimiter": "\t"}


def test_without_one_the_data_are_a_cross_section(tmp_path):
    about, [note] = read_about(None, title="folder")
    assert (about.title, about.design) == ("folder", "cross-section")
    assert not note.blocks


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('titel = "x"', "found the key 'titel' but there is no such key"),
        ('titel = "x"', "Did you mean 'title'?"),
        ("", "it has no title"),
        ('title = "x"\ndesign = "experimental"', "Did you mean 'experiment'?"),
        ('title = "x"\nmin_cell = 0', "it must be a whole number of 1 or more"),
        ('title = "x"\ninvited = true', "it must be a whole number of 1 or more"),
        ("title = 5", "title is '5' but it must be text"),
        ("title = x", "it cannot be read"),
        ('title = "x"\nencoding = "cp1252"', "Put it below a line [file]."),
        ('title = "x"\nfile = "a.csv"', "file is not a table"),
        ('title = "x"\n[file]\nencodign = "utf-8"', "Did you mean 'encoding'?"),
        ('title = "x"\n[file]\nencoding = "utf-9"', "there is no such encoding"),
        ('title = "x"\n[file]\nencoding = "base64"', "there is no such encoding"),
        ('title = "x"\n[file]\ndelimiter = ";;"', "it must be one sign"),
        ('title = "x"\n[file]\ndecimal = "x"', "it must be a point or a comma"),
        ('title = "x"\n[file]\nname = "../x.csv"', "it must be a file of the dataset's own folder"),
    ],
)
def test_mistakes_are_named(tmp_path, text, says):
    assert any(says in problem for problem in read(tmp_path, text)[1])


def test_all_mistakes_come_at_once(tmp_path):
    assert len(read(tmp_path, 'titel = "x"\ndesign = "x"\n[file]\nx = "y"\n')[1]) == 4
