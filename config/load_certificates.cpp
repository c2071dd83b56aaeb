#include "config/certificate.hpp"
#include "config/compile.hpp"

namespace bearward::config {
namespace {

template <class T>
std::optional<T> parse_file(reading& state, const located_text& file, std::expected<T, std::string> (*parse)(std::string_view)) {
    const auto content = state.read_file(file.value);
    if (!content) {
        state.error(file.at, "can't read " + file.value + ": " + content.error());
        return std::nullopt;
    }
    auto parsed = parse(*content);
    if (!parsed) {
        state.error(file.at, file.value + ": " + parsed.error());
        return std::nullopt;
    }
    return std::move(*parsed);
}

std::string show_day(std::chrono::sys_seconds time) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return std::to_string(int{day.year()}) + '-' + two(unsigned{day.month()}) + '-' + two(unsigned{day.day()});
}

std::optional<certificate> load_pair(reading& state, const located_text& chain_file, const located_text& key_file) {
    auto chain = parse_file(state, chain_file, &parse_certificates);
    auto key = parse_file(state, key_file, &parse_private_key);
    if (!chain || !key) {
        return std::nullopt;
    }
    auto made = make_certificate(std::move(*chain), std::move(*key));
    if (!made) {
        state.error(key_file.at, made.error());
        return std::nullopt;
    }
    const auto now = std::chrono::system_clock::now();
    if (made->not_after < now) {
        state.warning(chain_file.at, warning_code::certificate_dates, "the certificate expired on " + show_day(made->not_after));
    } else if (made->not_before > now) {
        state.warning(chain_file.at, warning_code::certificate_dates, "the certificate isn't valid before " + show_day(made->not_before));
    }
    return std::move(*made);
}

void load_listener(reading& state, listener_tls_settings& tls) {
    for (certificate_settings& each : tls.certificates) {
        if (each.certificate.value.empty() || each.private_key.value.empty()) {
            continue; // told already
        }
        each.loaded = load_pair(state, each.certificate, each.private_key);
        if (each.loaded && each.loaded->names.empty() && tls.certificates.size() > 1) {
            state.warning(each.certificate.at, warning_code::certificate_names,
                          "the certificate has no DNS names (subjectAltName), so no client can ask for it");
        }
    }
    if (!tls.client_ca.value.empty()) {
        tls.client_authorities = parse_file(state, tls.client_ca, &parse_certificates).value_or(std::vector<x509_ptr>{});
    }
}

void load_upstream(reading& state, upstream_tls_settings& tls) {
    if (!tls.ca.value.empty()) {
        tls.authorities = parse_file(state, tls.ca, &parse_certificates).value_or(std::vector<x509_ptr>{});
    }
    if (!tls.certificate.value.empty() && !tls.private_key.value.empty()) {
        tls.own = load_pair(state, tls.certificate, tls.private_key);
    }
}

} // namespace

void load_certificates(reading& state, settings& from) {
    if (state.offline()) {
        return;
    }
    for (listener_settings& each : from.listen) {
        if (each.tls) {
            load_listener(state, *each.tls);
        }
    }
    for (upstream_settings& each : from.upstreams) {
        if (each.tls) {
            load_upstream(state, *each.tls);
        }
    }
    for (provider_settings& each : from.providers) {
        if (each.revocation && each.revocation->redis && each.revocation->redis->tls) {
            load_upstream(state, *each.revocation->redis->tls);
        }
        auto* const jwt = std::get_if<jwt_settings>(&each.type);
        if (jwt != nullptr && !jwt->fetch.ca.value.empty()) {
            jwt->fetch.authorities = parse_file(state, jwt->fetch.ca, &parse_certificates).value_or(std::vector<x509_ptr>{});
        }
    }
}

} // namespace bearward::config
