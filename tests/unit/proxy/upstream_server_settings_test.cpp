#include "proxy/upstream/server_settings.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy::upstream {
namespace {

using config::upstream_settings;
using namespace std::chrono_literals;

struct pem_pair {
    std::string certificate;
    std::string private_key;
};

std::string text_of(BIO* out) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(out, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

pem_pair make_pem() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    const std::unique_ptr<X509, decltype(&X509_free)> made{X509_new(), &X509_free};
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
    X509_set_pubkey(made.get(), key.get());
    X509_sign(made.get(), key.get(), EVP_sha256());
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> certificate{BIO_new(BIO_s_mem()), &BIO_free_all};
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> private_key{BIO_new(BIO_s_mem()), &BIO_free_all};
    PEM_write_bio_X509(certificate.get(), made.get());
    PEM_write_bio_PrivateKey(private_key.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {text_of(certificate.get()), text_of(private_key.get())};
}

const std::vector<pem_pair>& pairs() {
    static const std::vector<pem_pair> made{make_pem(), make_pem()};
    return made;
}

/// Read anew each time, as a reload does.
std::vector<config::x509_ptr> authorities(std::size_t which) {
    return config::parse_certificates(pairs()[which].certificate).value();
}

config::certificate own(std::size_t which) {
    return config::make_certificate(authorities(which), config::parse_private_key(pairs()[which].private_key).value()).value();
}

config::endpoint server(const std::string& port) {
    return {.text = "127.0.0.1:" + port, .host = "127.0.0.1", .port = static_cast<std::uint16_t>(std::stoi(port)), .unix_path = {}};
}

/// Everything that can be written, as one reading of a file makes it.
upstream_settings read_all() {
    upstream_settings made;
    made.name = "app";
    made.servers = {server("8000"), server("8001")};
    made.health_check.emplace();
    made.tls.emplace();
    made.tls->ca = {"/ca.pem", {}};
    made.tls->certificate = {"/own.pem", {}};
    made.tls->private_key = {"/own.key", {}};
    made.tls->authorities = authorities(0);
    made.tls->own = own(0);
    return made;
}

/// These name each member once: who adds one comes here, and adds a row to the table below.
constexpr std::size_t members_of(const upstream_settings& all) {
    const auto& [name, servers, balance, dns_refresh, connect_timeout, response_timeout, write_timeout, idle_timeout, max_idle_connections,
                 forward_host, health_check, tls, at] = all;
    static_cast<void>(name);
    return 13;
}
constexpr std::size_t members_of(const config::upstream_tls_settings& all) {
    const auto& [ca, server_name, certificate, private_key, verify, authorities, own, at] = all;
    static_cast<void>(ca);
    return 8;
}
constexpr std::size_t members_of(const config::health_check_settings& all) {
    const auto& [path, interval, timeout, healthy, unhealthy] = all;
    static_cast<void>(path);
    return 5;
}

struct change {
    const char* key;
    std::function<void(upstream_settings&)> make;
    bool pool = false;  ///< it makes another pool
    bool check = false; ///< it makes another health check
};

std::vector<change> changes_of_upstream() {
    return {
        {"name", [](auto& of) { of.name = "other"; }, true, true},
        {"servers, another one", [](auto& of) { of.servers[1] = server("8002"); }, false, false},
        {"balance", [](auto& of) { of.balance = config::balancing::least_connections; }, false, false},
        {"dns_refresh", [](auto& of) { of.dns_refresh += 1ms; }, true, true},
        {"connect_timeout", [](auto& of) { of.connect_timeout += 1ms; }, true, false},
        {"response_timeout", [](auto& of) { of.response_timeout += 1ms; }, false, false},
        {"write_timeout", [](auto& of) { of.write_timeout += 1ms; }, false, false},
        {"idle_timeout", [](auto& of) { of.idle_timeout += 1ms; }, true, false},
        {"max_idle_connections", [](auto& of) { of.max_idle_connections += 1; }, true, false},
        {"forward_host", [](auto& of) { of.forward_host = false; }, false, false},
        {"health_check, none", [](auto& of) { of.health_check.reset(); }, false, true},
        {"tls, none", [](auto& of) { of.tls.reset(); }, true, true},
        {"its place", [](auto& of) { of.at = {{"other.yaml", 3, 1}, "upstreams.app"}; }, false, false},
    };
}

std::vector<change> changes_of_health_check() {
    return {
        {"health_check.path", [](auto& of) { of.health_check->path = "/"; }, false, true},
        {"health_check.interval", [](auto& of) { of.health_check->interval += 1ms; }, false, true},
        {"health_check.timeout", [](auto& of) { of.health_check->timeout += 1ms; }, false, true},
        {"health_check.healthy", [](auto& of) { of.health_check->healthy += 1; }, false, true},
        {"health_check.unhealthy", [](auto& of) { of.health_check->unhealthy += 1; }, false, true},
    };
}

std::vector<change> changes_of_tls() {
    return {
        {"tls.ca", [](auto& of) { of.tls->ca.value = "/other.pem"; }, true, true},
        {"tls.server_name", [](auto& of) { of.tls->server_name = "other"; }, true, true},
        {"tls.certificate", [](auto& of) { of.tls->certificate.value = "/other.pem"; }, true, true},
        {"tls.private_key", [](auto& of) { of.tls->private_key.value = "/other.key"; }, true, true},
        {"tls.verify", [](auto& of) { of.tls->verify = false; }, true, true},
        {"what tls.ca contains", [](auto& of) { of.tls->authorities = authorities(1); }, true, true},
        {"what tls.certificate contains", [](auto& of) { of.tls->own = own(1); }, true, true},
        {"its place", [](auto& of) { of.tls->ca.at = of.tls->at = {{"other.yaml", 4, 1}, "upstreams.app.tls"}; }, false, false},
    };
}

TEST(server_settings, the_tables_name_every_setting) {
    EXPECT_EQ(changes_of_upstream().size(), members_of(upstream_settings{}));
    EXPECT_EQ(changes_of_health_check().size(), members_of(config::health_check_settings{}));
    EXPECT_EQ(changes_of_tls().size(), members_of(config::upstream_tls_settings{}));
}

TEST(server_settings, a_reload_that_changes_nothing_keeps_the_pool_and_the_check) {
    const auto before = read_all();
    const auto after = read_all();
    EXPECT_NE(before.tls->authorities.front().get(), after.tls->authorities.front().get()) << "it was read twice";
    for (std::size_t index = 0; index < before.servers.size(); ++index) {
        EXPECT_EQ(make_pool_settings(before, before.servers[index]), make_pool_settings(after, after.servers[index]));
        EXPECT_EQ(make_check_settings(before, before.servers[index]), make_check_settings(after, after.servers[index]));
    }
    EXPECT_NE(make_pool_settings(before, before.servers[0]), make_pool_settings(after, after.servers[1]));
    EXPECT_NE(make_check_settings(before, before.servers[0]), make_check_settings(after, after.servers[1]));
}

TEST(server_settings, a_reload_that_changes_one_setting_makes_anew_what_it_is_for) {
    const auto before = read_all();
    for (const auto& table : {changes_of_upstream(), changes_of_health_check(), changes_of_tls()}) {
        for (const auto& [key, make, pool, check] : table) {
            auto after = read_all();
            make(after);
            EXPECT_EQ(make_pool_settings(before, before.servers[0]) != make_pool_settings(after, after.servers[0]), pool) << key;
            EXPECT_EQ(make_check_settings(before, before.servers[0]) != make_check_settings(after, after.servers[0]), check) << key;
        }
    }
}

TEST(server_settings, certificates_and_keys_are_equal_by_what_they_are) {
    EXPECT_EQ(own(0), own(0));
    auto other_key = own(0);
    other_key.key = own(1).key;
    EXPECT_NE(own(0), other_key);
    auto longer = own(0);
    longer.chain = authorities(1);
    EXPECT_NE(own(0), longer);
    EXPECT_NE(config::x509_ptr{}, authorities(0).front());
    EXPECT_EQ(config::x509_ptr{}, config::x509_ptr{});
}

TEST(server_settings, the_host_of_a_unix_socket_is_localhost) {
    auto settings = read_all();
    EXPECT_EQ(make_pool_settings(settings, settings.servers[0]).server.host(), "127.0.0.1:8000");
    EXPECT_EQ(make_pool_settings(settings, {.text = "unix:/a", .host = {}, .port = 0, .unix_path = "/a"}).server.host(), "localhost");
}

} // namespace
} // namespace bearward::proxy::upstream
