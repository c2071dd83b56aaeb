// What the admin listener replies. An endpoint's reply is JSON, text or a page; an error is JSON
// in the form of the proxy's own answers.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace bearward::proxy {

struct admin_reply {
    unsigned status = 200;
    std::string body;
    std::string_view content_type;         ///< with static storage
    std::string allow{};                   ///< for 405
    bool hands_over = false;               ///< in place of an answer the connection goes to admin_source::hand_over
    std::string content_security_policy{}; ///< of a page
};

/// The object and a line's end, for those who read it in a terminal.
[[nodiscard]] admin_reply make_json_reply(unsigned status, const boost::json::object& body);

/// 200 with the text as it is. `content_type` has static storage.
[[nodiscard]] admin_reply make_text_reply(std::string body, std::string_view content_type);

/// 204.
[[nodiscard]] admin_reply make_empty_reply();

/// `{"detail": ...}`.
[[nodiscard]] admin_reply make_error_reply(unsigned status, std::string_view detail);

} // namespace bearward::proxy
