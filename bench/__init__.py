"""The measuring process. Its packages are rooms that stand on each other, in this order, held by an import contract:

    commands          the `bench` command                 admin, calc     its larger families
    commissioning     what the bench is made of and can verify
    terminal          what people read and type
    evidence          bundles, and their verifier          keeping         back-up and restore
    appliance         the computer: network, https, what is done each day; knows nothing of measuring
    certificate       one document model, as PDF, XML, label
    replay            a recorded run once more
    run               one run, from its first step to its verdicts
    before_run        what is known before a load is applied
    registry          persons, equipment, approvals, daily check
    records           the journal and the raw files
    measurement       from devices to what a step has seen
    methods           what each test does, as steps
    plans             what is asked for                    safety          what keeps the load off
    configuration     what is wired where                  control         the socket
    keys              what the bench signs with            transparency    the journal's tree, checkpoints and proofs

`process.py` is the measuring process around them, `service.py` and its parts `service_*.py` put the socket in front of
it. `app.py` and its parts `app_*.py` are the composition root: nothing else imports drivers or the simulator (`sim/`).
What all rooms may use stands beside them: `ports.py`, `errors.py`, `refusals.py`, `toml_reader.py`, `clock.py`,
`words.py`, `items.py`, `checklist.py`, `line_names.py`, `dates.py`, `canonical.py`, `synced_folder.py`,
`whole_files.py`, `owner.py`, `use_marks.py`, `csv_cells.py`, `migrations.py`, `logs.py`.
"""
