from screens import look


def page() -> None:
    look.head("Import","")
