"""The designed cards: a template's name and a commission go in, its pages come out as flat pictures."""
