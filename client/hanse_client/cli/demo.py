"""`hanse demo`: a whole trade on this machine, and its proof checked in a fresh process with no node running."""

import base64
import secrets
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from msgspec import Struct

from hanse_client.cli import demo_story
from hanse_client.cli.background import clean_environment, running_node, this_program
from hanse_client.cli.console import emit, emit_json, say
from hanse_client.cli.corridor import Corridor, make_corridor
from hanse_client.cli.demo_story import DISCLOSED, PLAN, SELLER, Papers, Stage, Trade
from hanse_client.cli.errors import WouldOverwrite
from hanse_client.cli.extras import load_node, need_documents
from hanse_client.cli.files import write_file
from hanse_client.cli.nodefolder import create_node, node_in_use, run_folder
from hanse_client.cli.session import JsonOption
from hanse_client.clock import now_ms
from hanse_client.documents.samples import NAMES, sample
from hanse_client.durable import write_durably
from hanse_client.identity import Identity
from hanse_ledger.checks import CHECKS, Finding, Outcome
from hanse_ledger.trust import TrustFile, read_trust, write_trust
