// One use of what an issuer sends.
#pragma once

#include "policies/judge_notice.hpp"
#include "policies/tokens/proof_memory.hpp"

#include <string>
#include <utility>

namespace bearward::proxy {

/// What is under way or done, by its issuer and jti. What could not be kept may come again.
class single_use {
public:
    single_use(policies::tokens::proof_memory& in, const policies::revocation_receiver& by, const policies::tokens::issuer_notice& notice)
        : in_(in), whose_(by.path + '\0' + notice.issuer), id_(notice.id) {}
    ~single_use() { give_back(); }
    single_use(const single_use&) = delete;
    single_use& operator=(const single_use&) = delete;

    [[nodiscard]] policies::tokens::proof_use use(policies::time_point until, policies::time_point now) {
        const auto how = in_.use(whose_, id_, until, now);
        used_ = how == policies::tokens::proof_use::first;
        return how;
    }
    /// Looks, and uses nothing.
    [[nodiscard]] bool is_used(policies::time_point now) { return in_.contains(whose_, id_, now); }
    void keep() noexcept { used_ = false; }

private:
    void give_back() {
        if (std::exchange(used_, false)) {
            in_.give_back(whose_, id_);
        }
    }

    policies::tokens::proof_memory& in_;
    std::string whose_;
    std::string id_;
    bool used_ = false;
};

} // namespace bearward::proxy
