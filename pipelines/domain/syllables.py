"""Which words are shaped like Vietnamese: the evidence by which an encoding is known (``domain.md`` §5).

A syllable is an onset, a rhyme and a tone; a rhyme that is closed by a stop carries only the sharp or the
heavy tone. Text read in a wrong encoding breaks these laws at nearly every marked word.
"""

from __future__ import annotations

import re
import unicodedata

# Beside the onsets of Vietnamese those of Ê Đê and M'Nông place names: Krông, Blang, Drai.
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x kr br bl dr pr gr kl pl kp hr hl cr mr "
_OPEN = (
    "a ă â e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iê iu iêu yêu oa oai oao oay oe oeo oi ôi ơi ua ui ưa ưi ưu "
    "uâ uây uê uôi uơ uy uya uyu ươi ươu yê uao uai uay "
)
_NASAL = (
    "am an ang anh ăm ăn ăng âm ân âng em en eng êm ên ênh im in inh iêm iên iêng om on ong ôm ôn ông ơm ơn um un ung "
    "ưng ươm ươn ương uôm uôn uông oan oang oanh oam oăm oăn oăng oen oong uân uâng uên uênh uyn uynh uyên yêm yên "
    "yêng uan uang uanh uăn uăng ynh ưn êng "
)
_STOPPED = (
    "ac ach ap at ăc ăp ăt âc âp ât ec ep et êch êp êt ich ip it iêc iêp iêt oc op ot ôc ôp ôt ơp ơt uc up ut ưc ưt "
    "ươc ươp ươt uôc uôt oac oach oat oap oăc oăt oet ooc uât uêch uêt uych uyp uyt uyêt yêt uat uac uach uăc uăt ak "
    "ăk âk ek êk ok ôk uk ưk ik iêk "
)
_TONES = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
_TONED = {**dict.fromkeys(f"{_OPEN}{_NASAL}".split(), "fsxrj"), **dict.fromkeys(_STOPPED.split(), "sj")}
_KNOWN_ONSETS = frozenset(_ONSETS.split())
_D = str.maketrans({"Ð": "Đ", "ð": "đ"})
_ABBREVIATION = re.compile(r"[A-ZĐƯ]{1,9}")
_VOWEL = re.compile(r"[aăâeêioôơuưy]")


def is_syllable(word: str) -> bool:
    """Whether a word is a legal Vietnamese syllable, in any case and tone placement.

    A short run of capitals (``LĐTBXH``) is taken for an abbreviation.
    """
    if _ABBREVIATION.fullmatch(word.translate(_D)):
        return True
    tones: list[str] = []
    letters: list[str] = []
    for sign in unicodedata.normalize("NFD", word.translate(_D).lower()):
        (tones if sign in _TONES else letters).append(sign)
    if len(tones) > 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(letters))
    return any((not onset or onset in _KNOWN_ONSETS) and _carries(rhyme, tones) for onset, rhyme in _splits(plain))


def _splits(plain: str) -> list[tuple[str, str]]:
    """Ways to cut a word before its rhyme; the ``u`` of ``qu`` and the ``i`` of ``gi`` may belong to the onset."""
    vowel = _VOWEL.search(plain)
    if vowel is None:
        return []
    cuts = [vowel.start()]
    if plain.startswith(("qu", "gi")) and len(plain) > 2:
        cuts.append(2)
    return [(plain[:cut], plain[cut:]) for cut in cuts]


def _carries(rhyme: str, tones: list[str]) -> bool:
    """Whether a rhyme exists and may carry the tone; a stop without a tone is let pass for place names only."""
    allowed = _TONED.get(rhyme)
    return allowed is not None and (not tones or _TONES[tones[0]] in allowed)
