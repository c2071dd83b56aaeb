#include "proxy/downstream/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::proxy::downstream {
namespace {

using config::proxy_protocol;
using state = proxy_header::state;

const std::string signature{"\r\n\r\n\0\r\nQUIT\n", 12};

std::string bytes(std::initializer_list<int> values) {
    std::string made;
    for (const int each : values) {
        made += static_cast<char>(each);
    }
    return made;
}

/// A v2 header with this version and command, family, and body.
std::string v2(int version_and_command, int family, const std::string& body) {
    const auto size = static_cast<int>(body.size());
    return signature + bytes({version_and_command, family, size >> 8, size & 255}) + body;
}

const std::string tcp4 = bytes({192, 0, 2, 1, 198, 51, 100, 7, 0x30, 0x39, 0x01, 0xBB});
const std::string tcp6 =
    bytes({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}) + std::string(15, '\0') + bytes({1, 0x30, 0x39, 0x01, 0xBB});

struct accepted_header {
    std::string header;
    std::string source;
};

std::vector<accepted_header> good_ones() {
    return {
        {"PROXY TCP4 192.0.2.1 198.51.100.7 12345 443\r\n", "192.0.2.1"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"},
        {"PROXY TCP6 2001:db8::9 ::1 0 443\r\n", "2001:db8::9"},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1"},
        {"PROXY UNKNOWN\r\n", ""},
        {"PROXY UNKNOWN whatever 1 2 3 4\r\n", ""},
        {v2(0x21, 0x11, tcp4), "192.0.2.1"},
        {v2(0x21, 0x21, tcp6), "2001:db8::9"},
        {v2(0x21, 0x11, tcp4 + bytes({0x03, 0, 4, 1, 2, 3, 4, 0x04, 0, 0})), "192.0.2.1"},
        {v2(0x21, 0x31, std::string(216, 'x')), ""},
        {v2(0x20, 0x00, ""), ""},
        {v2(0x20, 0x11, tcp4), ""},
        {v2(0x21, 0x00, "anything"), ""},
        {v2(0x21, 0x11, tcp4 + bytes({0x04, 0x07, 0xD1}) + std::string(2001, 'n')), "192.0.2.1"},
    };
}

TEST(proxy_header_test, tells_the_source_and_where_the_header_ends) {
    for (const auto& [header, source] : good_ones()) {
        for (const std::string after : {"", "G", "GET / HTTP/1.1\r\n\r\n"}) {
            const auto parsed = parse_proxy_header(header + after, proxy_protocol::any);
            ASSERT_EQ(parsed.what, state::complete) << header;
            EXPECT_EQ(parsed.size, header.size()) << header;
            EXPECT_EQ(parsed.source, source) << header;
        }
    }
}

TEST(proxy_header_test, waits_for_more_after_every_part_of_a_sound_header) {
    for (const auto& good : good_ones()) {
        for (std::size_t size = 0; size < good.header.size(); ++size) {
            EXPECT_EQ(parse_proxy_header(good.header.substr(0, size), proxy_protocol::any).what, state::incomplete) << size;
        }
    }
}

TEST(proxy_header_test, takes_only_the_version_that_is_configured) {
    const auto& all = good_ones();
    const std::string text = all.front().header;
    const std::string binary = v2(0x21, 0x11, tcp4);
    EXPECT_EQ(parse_proxy_header(text, proxy_protocol::v1).what, state::complete);
    EXPECT_EQ(parse_proxy_header(text, proxy_protocol::v2).what, state::refused);
    EXPECT_EQ(parse_proxy_header(binary, proxy_protocol::v2).what, state::complete);
    EXPECT_EQ(parse_proxy_header(binary, proxy_protocol::v1).what, state::refused);
    EXPECT_EQ(parse_proxy_header(text, proxy_protocol::off).what, state::refused);
    EXPECT_EQ(parse_proxy_header("", proxy_protocol::off).what, state::refused);
}

TEST(proxy_header_test, refuses_what_is_not_exactly_a_header) {
    const std::vector<std::string> bad{
        "GET / HTTP/1.1\r\n",
        "\x16\x03\x01",
        "proxy TCP4 192.0.2.1 198.51.100.7 1 2\r\n",
        "PROXY  TCP4 192.0.2.1 198.51.100.7 1 2\r\n",
        "PROXY TCP5 192.0.2.1 198.51.100.7 1 2\r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP4 192.0.2.1\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 1\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 1 \r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 1 2 \r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 1 2 3\r\n",
        "PROXY TCP4 192.0.2.1  198.51.100.7 1 2\r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.7 1 2\r\n",
        "PROXY TCP4 192.0.2.01 198.51.100.7 1 2\r\n",
        "PROXY TCP4 192.0.2 198.51.100.7 1 2\r\n",
        "PROXY TCP4 2001:db8::9 198.51.100.7 1 2\r\n",
        "PROXY TCP6 192.0.2.1 ::1 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY TCP6 [2001:db8::9] ::1 1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 65536 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 -1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 +1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 01 2\r\n",
        "PROXY TCP4 192.0.2.1\t198.51.100.7 1 2\r\n",
        "PROXY UNKNOWN\nGET / HTTP/1.1\r\n",
        "PROXY UNKNOWNX\r\n",
        "PROXY " + std::string(200, 'x') + "\r\n",
        "PROXY UNKNOWN" + std::string(93, ' ') + "\r\n", // 108 bytes
        v2(0x11, 0x11, tcp4),
        v2(0x31, 0x11, tcp4),
        v2(0x22, 0x11, tcp4),
        v2(0x21, 0x12, tcp4), // datagrams
        v2(0x21, 0x41, tcp4),
        v2(0x21, 0x01, tcp4),
        v2(0x21, 0x11, tcp4.substr(1)),
        v2(0x21, 0x21, tcp4),
        v2(0x21, 0x31, std::string(215, 'x')),
        v2(0x21, 0x11, tcp4 + bytes({0x03})),
        v2(0x21, 0x11, tcp4 + bytes({0x03, 0, 4, 1, 2, 3})),
        v2(0x21, 0x11, tcp4 + std::string(2048, 'n')),
        signature + bytes({0x21, 0x11, 0xFF, 0xFF}),
    };
    for (const auto& each : bad) {
        EXPECT_EQ(parse_proxy_header(each, proxy_protocol::any).what, state::refused) << each;
    }
}

TEST(proxy_header_test, a_line_that_does_not_end_is_refused_at_its_longest) {
    const std::string endless = "PROXY UNKNOWN " + std::string(300, 'x');
    EXPECT_EQ(parse_proxy_header(endless.substr(0, 106), proxy_protocol::any).what, state::incomplete);
    EXPECT_EQ(parse_proxy_header(endless.substr(0, 107), proxy_protocol::any).what, state::refused);
}

} // namespace
} // namespace bearward::proxy::downstream
