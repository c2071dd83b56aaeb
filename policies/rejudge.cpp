#include "policies/rejudge.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace bearward::policies {
namespace {

/// Verifies by what counts now, and takes a token that it knows where that can't be had.
class known_outside final : public outside {
public:
    known_outside(outside& around, const presented_tokens& known, rejudged_by how)
        : outside(around.now()), around_(around), known_(known), how_(how) {}

    verification verify(const provider& by, std::string_view token) override {
        const bool asks = how_ == rejudged_by::known_tokens || std::holds_alternative<introspection_provider>(by.how);
        auto made = asks ? verification(std::unexpected(unverified(need{}))) : around_.verify(by, token);
        if (made) {
            return without_dates(**made);
        }
        if (std::holds_alternative<refusal>(made.error())) {
            return made;
        }
        const tokens::verified_token* const before = find(by);
        return before == nullptr ? verification(std::unexpected(unverified(refusal(reason::issuer_mismatch)))) : without_dates(*before);
    }
    std::optional<refusal> find_revocation(const provider& by, const tokens::verified_token& token) const override {
        return around_.find_revocation(by, token);
    }
    bool vouches_for(const tokens::verified_token& token) const noexcept override {
        return std::ranges::any_of(made_, [&](const auto& each) { return each.get() == &token; });
    }

private:
    const tokens::verified_token* find(const provider& by) const noexcept {
        const auto is_its = [&](const tokens::verified_token_ptr& each) {
            return each != nullptr && each->who.provider == by.rules.provider;
        };
        if (is_its(known_.token)) {
            return known_.token.get();
        }
        const auto found = std::ranges::find_if(known_.others, is_its);
        return found == known_.others.end() ? nullptr : found->get();
    }
    /// As if it began long ago and ended much later: that it says so at all may be asked for.
    tokens::verified_token_ptr without_dates(const tokens::verified_token& from) {
        auto made = std::make_shared<tokens::verified_token>(from);
        if (made->expires) {
            made->expires = now() + std::chrono::hours{1};
        }
        made->not_before.reset();
        made_.push_back(made);
        return made;
    }

    outside& around_;
    const presented_tokens& known_;
    rejudged_by how_;
    std::vector<tokens::verified_token_ptr> made_;
};

/// Takes one token for every other one of its provider.
class replacing_outside final : public outside {
public:
    replacing_outside(outside& around, tokens::verified_token_ptr fresh)
        : outside(around.now()), around_(around), fresh_(std::move(fresh)) {}

    verification verify(const provider& by, std::string_view) override {
        if (by.rules.provider != fresh_->who.provider) {
            return std::unexpected(unverified(refusal(reason::issuer_mismatch, "it is of another provider")));
        }
        return fresh_;
    }
    std::optional<refusal> find_revocation(const provider& by, const tokens::verified_token& token) const override {
        return around_.find_revocation(by, token);
    }
    bool vouches_for(const tokens::verified_token& token) const noexcept override { return &token == fresh_.get(); }

private:
    outside& around_;
    tokens::verified_token_ptr fresh_;
};

} // namespace

decision decide_with(const requests::request_view& request, const snapshot& rules, outside& around, tokens::verified_token_ptr fresh,
                     requests::credential_scratch& scratch) {
    replacing_outside with(around, std::move(fresh));
    return decide(request, rules, with, on_need::refuse, scratch);
}

std::optional<denial> find_denial(const requests::request_view& request, const snapshot& rules, outside& around,
                                  const presented_tokens& known, rejudged_by how) {
    known_outside with(around, known, how);
    requests::credential_scratch scratch;
    decision made = decide(request, rules, with, on_need::refuse, scratch);
    auto* const refused = std::get_if<denial>(&made);
    if (refused == nullptr || refused->why == reason::revocation_unavailable || refused->why == reason::token_revoked) {
        return std::nullopt; // what is revoked ends for that
    }
    refused->subprotocols = {}; // views of what may be gone
    return std::move(*refused);
}

} // namespace bearward::policies
