# What the journeys share. Each is sourced by tests/system/people/test_journeys.py after this, in one folder, in their order:
# `hanse` is that of a fresh clone. D is the folder of the demonstration; N the address of its node once it runs.
set -eu
D=hanse-demo
N=http://127.0.0.1:${JOURNEY_PORT:?}
export HANSE_TRUST=$D/trust.json HANSE_PASSPHRASE_FILE=$D/passphrase

# Run a command that must end with this code.
expect() {
    wanted=$1
    shift
    ended=0
    "$@" || ended=$?
    [ "$ended" = "$wanted" ] || { echo "ended with $ended, not $wanted: $*" >&2; exit 1; }
}

# Run hanse as one of the demonstration's people: with their key, in their home folder.
as() {
    who=$1
    shift
    hanse "$@" --node "$N" --identity "$D/keys/$who.pem" --home "$D/homes/$who"
}

# An id that the demonstration has left, such as seller or invoice.
of_demo() { python3 -c "import json, sys; print(json.load(open('$D/demo.json'))['trade'][sys.argv[1]])" "$1"; }
