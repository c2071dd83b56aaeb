#include "config/fields.hpp"
#include "config/values.hpp"

namespace bearward::config {
namespace {

const section<certificate_settings>& certificate_fields() {
    static const section<certificate_settings> declared =
        section<certificate_settings>("certificate")
            .field("certificate", &certificate_settings::certificate, absent_if_empty(placed(file_path())),
                   "A PEM file: the server's certificate, then the intermediate ones.", presence::required)
            .field("private_key", &certificate_settings::private_key, absent_if_empty(placed(file_path())),
                   "A PEM file with its private key, without passphrase.", presence::required);
    return declared;
}

/// 1.2 and "1.2": a plain 1.2 is a number to YAML, and means the same.
codec<tls_version> version() {
    codec<tls_version> made = word<tls_version>({{"1.2", tls_version::tls_1_2}, {"1.3", tls_version::tls_1_3}});
    made.read = [read = made.read](reading& state, const cursor& at, tls_version& out) {
        if (at.value.type == node::kind::scalar && (at.value.text == "1.2" || at.value.text == "1.3")) {
            out = at.value.text == "1.2" ? tls_version::tls_1_2 : tls_version::tls_1_3;
            return true;
        }
        return read(state, at, out);
    };
    return made;
}

const section<listener_tls_settings>& listener_tls_fields() {
    static const section<listener_tls_settings> declared =
        section<listener_tls_settings>("listener_tls")
            .field("certificates", &listener_tls_settings::certificates, list(nested("certificate", &certificate_fields), 1),
                   "Chosen by the name that the client asks for (SNI); the first is the fallback.", presence::required)
            .field("min_version", &listener_tls_settings::min_version, version(), "The oldest version that is spoken.")
            .field("client_ca", &listener_tls_settings::client_ca, absent_if_empty(placed(file_path())),
                   "A PEM file: the authorities that client certificates are verified against. Without it none is asked for.")
            .field("client_certificate", &listener_tls_settings::client_certificate_required,
                   placed(word<bool>({{"required", true}, {"optional", false}})),
                   "With client_ca. optional: a client without one is served too; a wrong one is refused.")
            .check([](reading& state, const cursor& at, listener_tls_settings& tls) {
                const entry* written = at.value.find("client_certificate");
                if (written == nullptr || !tls.client_ca.value.empty()) {
                    return true;
                }
                const key_path step{&at.path, "client_certificate", 0};
                return state.error(cursor{written->value, step}, "needs client_ca: what to verify client certificates against");
            });
    return declared;
}

const section<upstream_tls_settings>& upstream_tls_fields() {
    static const section<upstream_tls_settings> declared =
        section<upstream_tls_settings>("upstream_tls")
            .field("ca", &upstream_tls_settings::ca, absent_if_empty(placed(file_path())),
                   "A PEM file: the authorities that the server's certificate is verified against. Default: the system's.")
            .field("server_name", &upstream_tls_settings::server_name, absent_if_empty(server_name()),
                   "The name that is asked for (SNI) and that the certificate must have. Default: the server's host.")
            .field("certificate", &upstream_tls_settings::certificate, absent_if_empty(placed(file_path())),
                   "A PEM file: our own certificate, where the server asks for one.")
            .field("private_key", &upstream_tls_settings::private_key, absent_if_empty(placed(file_path())), "A PEM file with its key.")
            .field("verify", &upstream_tls_settings::verify, boolean(), "false: any certificate is believed. Warns.")
            .check([](reading& state, const cursor& at, upstream_tls_settings& tls) {
                if (!tls.verify) {
                    state.warning(state.place_of(at), warning_code::unverified_upstream,
                                  "verify: false: whoever can answer in the server's place gets the requests and whatever they carry");
                }
                return tls.certificate.value.empty() == tls.private_key.value.empty() ||
                       state.error(at, "certificate and private_key belong together; one of them is missing");
            });
    return declared;
}

} // namespace

codec<std::optional<listener_tls_settings>> listener_tls() {
    return maybe(nested("listener_tls", &listener_tls_fields));
}

codec<std::optional<upstream_tls_settings>> upstream_tls() {
    return maybe(nested("upstream_tls", &upstream_tls_fields));
}

} // namespace bearward::config
