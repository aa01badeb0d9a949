"""What services say to each other: requests, replies, events, errors, routing. Additive evolution only."""

from kernel.contracts import (  # noqa: F401  (importing one registers its codes)
    errors_binding,
    errors_common,
    errors_documents,
    errors_files,
    errors_gateway,
    errors_imei,
    errors_inventory,
    errors_traffic,
    errors_workflow,
    words_binding,
    words_common,
    words_documents,
    words_imei,
    words_inventory,
    words_people,
    words_traffic,
    words_workflow,
)
