"""The short way: what it answers, refuses or breaks at is measured under its own route."""

import anyio
import httpx2
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import Response
