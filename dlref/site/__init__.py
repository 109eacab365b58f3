"""The machinery that runs the snippets and puts what they print and draw on the pages.

Read in this order: `snippets` (what a file says), `runner` (runs one, in this process), `pool` (runs
each in a fresh, confined process), `outcomes` and `trust` (what is believed of what comes back, and of
what is stored), `store` (keeps what ran), `imports` and `environments` (what a snippet uses, and where it
runs), `engine` (decides what must run), `render` (a notebook to HTML), `pages`, `markdown` and `maths`
(what a page may say), `citations`, `glossary`, `ledger` and `report` (what the pages share), `labs`
(notebooks as pages), `bundle`, `portable` and `files` (what readers take with them), `plugin` (MkDocs)
and `zensical`, `build` (a whole site or nothing), `drift` (what differs from what was accepted), `shards`
and `cluster` (more than one machine), `prose`, `linters` and `new` (for those who write), `cli` (the
`dlref` command).
"""
