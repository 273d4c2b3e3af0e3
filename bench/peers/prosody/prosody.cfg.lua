-- Benchmark configuration: plain TCP, no logs, no limits; storage "internal" (the default: files).
run_as_root = true
pidfile = "${RUN}/prosody.pid"
data_path = "${RUN}/data"
certificates = "certs"
network_backend = "epoll"
modules_enabled = { "roster", "saslauth", "disco", "smacks", "presence", "message", "iq", "offline", "c2s", "posix" }
modules_disabled = { "s2s", "tls" }
authentication = "internal_plain"
default_storage = "internal"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
smacks_hibernation_time = 0
log = { { levels = { min = "error" }, to = "file", filename = "${RUN}/prosody.err" } }
interfaces = { "127.0.0.1" }
c2s_interfaces = { "127.0.0.1" }
c2s_ports = { ${PORT} }
network_settings = { tcp_backlog = 4096 }
VirtualHost "bench.test"
Component "muc.bench.test" "muc"
  muc_room_locking = false
  max_history_messages = 0
  restrict_room_creation = false
