"""Labeling: projects whose pictures people label, as Azure ML had it, and the data plane that was never published.

    jobs       labeling jobs as Resource Manager knows them, filled with the pictures of a folder
    people     who labels, signs in, and may do what
    queue      pictures go to people under leases; answers come back, are agreed upon, and become labels
    review     labels are found, approved, rejected, scored and counted
    assist     a model learns from them and proposes more
    transfer   labels come in and go out as files
    pictures   what people see

What all of them stand on lies beside: the tables, labels, tasks, settings and history. `service.py` puts the parts
together, `routes.py` says which request goes where.
"""
