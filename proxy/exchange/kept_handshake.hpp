// A WebSocket's handshake, kept while the socket is open so that it can be judged again. The head's own
// bytes are gone by then.
#pragma once

#include "policies/close_codes.hpp"
#include "policies/decision.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/received_request.hpp"
#include "proxy/exchange/rules_generation.hpp"
#include "proxy/guard_list.hpp"
#include "proxy/socket_registry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::proxy {

class worker_context;

class kept_handshake {
public:
    kept_handshake(const received_request& received, const client_stream& client, const rules_generation& generation,
                   const policies::rules::route& route);

    /// Whether new rules judge it.
    [[nodiscard]] bool rechecks() const noexcept { return rechecks_; }
    /// Why it would be denied by the present rules for what it may do; nothing: it would not.
    /// `certificate`: the connection's; null: it is plain.
    [[nodiscard]] std::optional<policies::denial> find_denial(worker_context& owner, const policies::presented_tokens& known,
                                                              const policies::requests::client_certificate* certificate) const;
    /// Of the Close then.
    [[nodiscard]] std::uint16_t close_code_for(policies::reason why) const noexcept;

    /// Whether it came to this listener, by its name, and host.
    [[nodiscard]] bool came_to(std::string_view listener, std::string_view host) const noexcept {
        return listener == listener_ && host == host_;
    }
    /// What a fresh token in place of its own comes to.
    struct fresh_standing {
        renewal_outcome outcome{};
        std::optional<policies::time_point> expires{}; ///< of a renewed one: when it ends with its token
        standing by{};                                 ///< likewise
    };
    /// `before`: by what it is open.
    [[nodiscard]] fresh_standing judge_with(worker_context& owner, const standing& before, policies::tokens::verified_token_ptr token,
                                            const policies::requests::client_certificate* certificate);

private:
    /// The request as it came, for the present rules; views into this and into the two.
    [[nodiscard]] std::optional<policies::requests::request_view> view(const serving& rules, policies::requests::path_scratch& memory,
                                                                       std::vector<http::header>& fields) const;

    std::string raw_path_;
    std::string query_;
    std::string host_;
    std::string authority_;
    std::string address_;
    std::vector<std::pair<std::string, std::string>> fields_;
    std::string listener_; ///< its name: a reload renumbers them
    policies::close_codes closes_with_;
    bool trusted_peer_;
    bool secure_;
    bool rechecks_;
    bool renewed_ = false; ///< the token in `fields_` is not the one that counts
};

} // namespace bearward::proxy
