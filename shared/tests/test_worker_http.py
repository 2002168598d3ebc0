import requests

from portus_shared.testing.waiting import free_port
from portus_shared.worker_http import serve_health


def test_a_worker_answers_whether_it_lives_and_what_it_measures() -> None:
    address = f"127.0.0.1:{free_port()}"
    server = serve_health(address, lambda: {"relay": 2})
    try:
        live = requests.get(f"http://{address}/live", timeout=5)
        metrics = requests.get(f"http://{address}/metrics", timeout=5)
        other = requests.get(f"http://{address}/api", timeout=5)
    finally:
        server.shutdown()
        server.server_close()
    assert live.json() == {"status": "ok", "failures": {"relay": 2}}
    assert "python_info" in metrics.text
    assert other.status_code == 404
