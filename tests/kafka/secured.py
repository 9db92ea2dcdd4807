"""A broker that lets in only who has a name: TLS with SCRAM on one port, with client certificates on another."""

import datetime
import ipaddress
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.kafka.broker import VERSIONS, Broker, free_port

ADMIN: Final = ("admin", "admin-secret")
AGENCY: Final = ("hospital", "hospital-secret")
HUB: Final = ("hub", "hub-secret")
_MORE: Final = """
listeners=SASL_SSL://127.0.0.1:{port},SSL://127.0.0.1:{mutual},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{port},SSL://127.0.0.1:{mutual}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule \
required username="admin" password="admin-secret";
listener.name.ssl.ssl.client.auth=required
ssl.principal.mapping.rules=RULE:^CN=([a-z-]+).*$/$1/,DEFAULT
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
ssl.endpoint.identification.algorithm=
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
"""


class SecuredBroker(Broker):
    """One node; `ca.pem` and the clients' certificates lie in its folder. Its own is good for so many days."""

    def __init__(self, folder: Path, version: str = VERSIONS[-1], days: float = 30) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority = Authority("test authority")
        authority.write(folder / "ca.pem")
        authority.issue("broker", folder / "broker.pem", days)
        self.days = days
        for name, _ in (ADMIN, AGENCY, HUB):
            authority.issue(name, folder / f"{name}.pem")
        Authority("another").write(folder / "other.pem")
        self.mutual = free_port()
        super().__init__(folder, version)

    def prepared(self, text: str, controller: int) -> str:
        """The settings of a plain broker, with what makes it a secured one in the place of its listeners."""
        self.controller = controller  # a port in clear
        kept = [line for line in text.splitlines() if not line.startswith(("listeners", "advertised", "listener."))]
        more = _MORE.format(port=self.port, mutual=self.mutual, controller=controller, folder=self.folder)
        return "\n".join([*kept, more])

    def format_options(self) -> list[str]:
        """Users are made with the storage."""
        users = (f"SCRAM-SHA-512=[name={name},password={secret}]" for name, secret in (ADMIN, AGENCY, HUB))
        return [word for user in users for word in ("--add-scram", user)]

    def ready_options(self) -> dict[str, object]:
        """How to ask whether it answers."""
        name, secret = ADMIN
        return {
            "security_protocol": "SASL_SSL",
            "ssl_cafile": str(self.folder / "ca.pem"),
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": name,
            "sasl_plain_password": secret,
        }

    def address(self, prefix: str, who: tuple[str, str] = ADMIN, ca: str = "ca.pem") -> str:
        """The URL of a log for a user with a password."""
        name, secret = who
        return f"kafka+tls://{name}:{secret}@127.0.0.1:{self.port}/{prefix}?ca={self.folder}/{ca}"

    def mutual_address(self, prefix: str, name: str) -> str:
        """The URL of a log for who has a certificate."""
        files = f"ca={self.folder}/ca.pem&cert={self.folder}/{name}.pem"
        return f"kafka+tls://127.0.0.1:{self.mutual}/{prefix}?{files}"


class Authority:
    """A certificate authority of one test."""

    def __init__(self, name: str) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key.public_key())
        self._certificate = builder.add_extension(x509.BasicConstraints(True, None), True).sign(
            self._key, hashes.SHA256()
        )

    def write(self, path: Path) -> None:
        """The certificate that others trust."""
        path.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, path: Path, days: float = 30, address: str = "127.0.0.1") -> None:
        """A key with its certificate for an address, good for so many days, in one file."""
        key = rsa.generate_private_key(65537, 2048)
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key.public_key(), days)
        place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = builder.add_extension(place, False).sign(self._key, hashes.SHA256())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: x509.Name, key: rsa.RSAPublicKey, days: float = 30) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=100))
            .not_valid_after(now + datetime.timedelta(days=days))
        )
