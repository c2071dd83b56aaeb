// Whatever is sent as a renewal's body: the ID that it gives is the one that a plain reading of the text finds,
// and nothing that names no socket gives one.
#include "policies/jose/strict_json.hpp"
#include "policies/requests/renewal_body.hpp"
#include "policies/requests/subprotocols.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <regex>
#include <string>
#include <string_view>

namespace requests = bearward::policies::requests;

namespace {

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

bool names_a_socket(const std::string& id) {
    static const std::regex form("[A-Za-z0-9_-]{16,64}");
    return std::regex_match(id, form);
}

/// Of a text without escapes: its first member of that name at the outermost level. Objects that hold others are left out.
void check_plain(std::string_view body, const std::string& id) {
    static const std::regex member(R"~("socket"[ \t\r\n]*:[ \t\r\n]*"([^"]*)")~");
    constexpr std::size_t longest = 1024; // that is ever read
    if (body.size() > longest || body.contains('\\') || body.find('{') != body.rfind('{') || body.contains('[') ||
        !bearward::policies::jose::parse_json_object(body)) {
        return;
    }
    std::match_results<std::string_view::const_iterator> found;
    const bool holds = std::regex_search(body.begin(), body.end(), found, member);
    must(id == (holds && names_a_socket(found[1].str()) ? found[1].str() : ""));
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const std::string id = requests::parse_renewal_body(body);
    must(id.empty() || (names_a_socket(id) && bearward::policies::jose::parse_json_object(body).has_value()));
    check_plain(body, id);
    must(requests::is_socket_id(body) == names_a_socket(std::string(body)));
    if (!id.empty()) {
        // The name that a page offers is the name that it renews by.
        const std::string entry = "bearward.socket." + id;
        const requests::header field{"Sec-WebSocket-Protocol", entry};
        requests::request_view request;
        request.headers = {&field, 1};
        must(requests::split_subprotocols(request).socket_id() == id);
        must(requests::parse_renewal_body(R"({"x":[],"socket":")" + id + "\"}") == id);
        must(requests::parse_renewal_body(R"({"socket":")" + id + R"(","socket":")" + id + "\"}").empty());
        must(requests::parse_renewal_body(std::string(body) + "x").empty());
    }
    return 0;
}
