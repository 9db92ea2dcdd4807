"""A page on which a mapping is made with the mouse or the keyboard: `hub connector studio` (docs/mapping.md).

    page/      what the browser gets: one page, one style sheet, one script; nothing from elsewhere
    server     127.0.0.1 only: who may ask, and what every answer says to a browser
    desk       what the page asks for: open, draft, add, judge, changes, save
    file       the mapping that a connector has, or the draft of one that has none yet
    plan       the part of a mapping that the page edits, and back into the whole
    slots      where a column can go, and what stands there
    placed     which of these places an error is about

Masks, verdicts, drafts and checks are those of `hub connector preview`, `new` and `check`: the same code.
"""
