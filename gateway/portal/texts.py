ENGLISH: dict[str, str] = {}
def english(text: str) -> str:
    return ENGLISH.get(text, text)
