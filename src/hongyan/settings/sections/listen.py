from pathlib import Path
from typing import Self

from pydantic import model_validator

from hongyan.settings.kinds import Host, Networks, Port
from hongyan.settings.problems import Expected
from hongyan.settings.section import Section


class Listen(Section):
    host: Host = "0.0.0.0"  # noqa: S104 customers come from everywhere
    """Address of the customers' doors."""
    port: Port = 8080
    """Port of the customers' doors, plain HTTP."""
    tls_port: Port = 0
    """Port of the customers' doors over TLS, beside the plain one; 0 for none."""
    tls_cert: Path | None = None
    """Certificate chain, PEM."""
    tls_key: Path | None = None
    """Private key of the certificate, PEM."""
    ops_host: Host = "127.0.0.1"
    """Address of console, metrics and health."""
    ops_port: Port = 8081
    """Port of console, metrics and health."""
    ops_tls: bool = False
    """Serve console, metrics and health over TLS, by tls_cert and tls_key, instead of plain HTTP."""
    reuse_port: bool = False
    """Share the doors' ports with other processes of this machine; on PostgreSQL, where several may serve."""
    trusted_proxies: Networks = ()
    """Addresses or networks whose X-Forwarded-For is believed."""

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if self.tls_port and not (self.tls_cert and self.tls_key):
            raise Expected("tls_port needs tls_cert and tls_key")
        if self.ops_tls and not (self.tls_cert and self.tls_key):
            raise Expected("ops_tls needs tls_cert and tls_key")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        ports = [self.port, self.tls_port, *([self.ops_port] if self.ops_host == self.host else [])]
        used = [port for port in ports if port]
        if len(set(used)) < len(used):
            raise Expected("port, tls_port and ops_port are to differ")
        return self
