"""Certificates made on the spot: an authority and whom it vouches for."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


def pem_key(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def general_name(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def make(subject, names, issuer=None, days=30, began=-1, key=None, is_authority=False):
    """(certificate, key). issuer: (certificate, key); None: signed by itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    own_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.datetime.utcnow()
    builder = (
        x509.CertificateBuilder()
        .subject_name(own_name)
        .issuer_name(issuer[0].subject if issuer else own_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=began))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), critical=False)
    return builder.sign((issuer[1] if issuer else key), hashes.SHA256()), key


class authority:
    def __init__(self, directory, name="Test authority"):
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.own = make(name, [], is_authority=True)
        self.path = self.write("ca.crt", self.own[0])

    def write(self, name, *certificates):
        path = self.directory / name
        path.write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates))
        return path

    def issue(self, file, *names, through=None, **more):
        """Writes FILE.crt and FILE.key. through: an intermediate authority, which is put into the chain."""
        certificate, key = make(file, names, issuer=through or self.own, **more)
        self.write(file + ".crt", certificate, *([through[0]] if through else []))
        (self.directory / (file + ".key")).write_bytes(pem_key(key))
        return certificate

    def intermediate(self, name="Intermediate"):
        return make(name, [], issuer=self.own, is_authority=True)

    def issue_rsa(self, file, *names, bits=2048):
        return self.issue(file, *names, key=rsa.generate_private_key(65537, bits))
