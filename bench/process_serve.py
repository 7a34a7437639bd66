"""`guiji serve` as a process of its own: loader and warehouse, which answers queries meanwhile."""

from infra.settings import get
from portal.serve import serve
from schemas import catalog as catalogues

if __name__ == "__main__":
    settings = get()
    serve(settings, catalogues.load(settings.catalogue))
