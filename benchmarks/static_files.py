"""Serves a folder, compressed once and kept by browsers: ``python -m benchmarks.static_files FOLDER PORT``."""

import gzip
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}


def app(folder: Path) -> Starlette:
    """The files of the folder as they are now; libraries are kept by browsers, page and rows are not."""
    kept = {path.name: (gzip.compress(path.read_bytes()), TYPES[path.suffix]) for path in folder.iterdir()}

    async def file(request: Request) -> Response:
        name = request.path_params.get("name") or "index.html"
        if name not in kept:
            return Response(status_code=404)
        content, media_type = kept[name]
        caching = "no-cache" if name in ("index.html", "rows.json") else "public, max-age=31536000, immutable"
        return Response(content, media_type=media_type, headers={"Content-Encoding": "gzip", "Cache-Control": caching})

    return Starlette(routes=[Route("/", file), Route("/{name}", file)])


if __name__ == "__main__":
    uvicorn.run(app(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
