"""/metrics: what the server did since its start, for whoever keeps it running. No label says anything of a person."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from bianque.web.counts import counts
from bianque.web.guard import METRICS

router = APIRouter()


@router.get("/metrics", dependencies=[Depends(METRICS)])
def metrics() -> Response:
    return Response(counts.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
