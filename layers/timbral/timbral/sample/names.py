"""Names for simulated listeners."""

from __future__ import annotations

_NAMES = """
ada bela chiara dmitri elif farid greta hugo ines jonas kaya lars mina nadia oscar petra quentin rosa samir
tomas ursula vera wim xenia yara zoltan aiko bruno carla deniz emil fatima goran hana ivan jana kofi leila
marek noor olga pablo qing rami sofia tariq ulla viktor wanda ximena yusuf zara amara boris celia dario esther
finn gita hamid isla jamal kenji luca maren nils odile priya ravi selma theo uma valentin wren xavi yuki zeno
anouk basil cleo dora ezra flora gideon hedda ilias juno kira leon malik nora otis pia rune saskia tove
umberto vanya willem yannis zelda
"""
NAMES = tuple(_NAMES.split())
