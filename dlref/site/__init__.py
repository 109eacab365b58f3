"""The machinery that runs the snippets and puts what they print and draw on the pages.

Read in this order: `snippets` (what a file says), `runner` (runs one, in this process), `pool` (runs
each in a fresh, confined process), `store` (keeps what ran), `engine` (decides what must run),
`render` (a notebook to HTML), `markdown` and `maths` (what a page may say), `citations`, `glossary`
and `ledger` (what the pages share), `plugin` (MkDocs), `build` (a whole site or nothing), `shards`
and `cluster` (more than one machine), `cli` (the `dlref` command).
"""
