"""The bucket that SIMKEEP_BLOB_URL names, made when it is not there: `python -m deploy.bucket`.

For stores of our own beside a Compose file or on one node; whoever rents a store makes its bucket there.
"""

import sys
import time
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from kernel.chassis.process.settings import BlobSettings

ATTEMPTS, PAUSE_SECONDS = 30, 2.0
"""The store may still be starting."""


def ensure(url: str) -> str:
    """Answers what was done. Raises the store's error when it stays away or refuses."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return f"{parts.scheme}: no bucket is needed"
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    client = boto3.client("s3", endpoint_url=options.get("endpoint"), region_name=options.get("region"))
    try:
        client.head_bucket(Bucket=parts.netloc)
        return f"{parts.netloc} is there"
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in {"404", "NoSuchBucket"}:
            raise
    client.create_bucket(Bucket=parts.netloc)
    return f"{parts.netloc} was made"


def main() -> None:
    url = BlobSettings().blob_url or ""
    for attempt in range(ATTEMPTS):
        try:
            print(ensure(url), flush=True)  # noqa: T201  a command's answer
            return
        except (BotoCoreError, ClientError) as error:
            if attempt == ATTEMPTS - 1:
                sys.exit(f"the bucket could not be made: {error}")
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
