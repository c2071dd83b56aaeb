// Tokens that are revoked while the worker serves, as the proxy's operator and issuers do it: in the store that
// its providers ask besides their files.
#pragma once

#include "policies/snapshot.hpp"
#include "policies/tokens/revocation_store.hpp"
#include "tests/simulation/ledger.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bearward::simulation {

class withdrawals {
public:
    withdrawals(kernel& of, ledger& book) : kernel_(of), book_(book) {}
    /// The rules ask nothing any more: other scenarios share them.
    ~withdrawals();
    withdrawals(const withdrawals&) = delete;
    withdrawals& operator=(const withdrawals&) = delete;

    /// These rules' providers ask what is kept here.
    void serve(const policies::snapshot& rules);

    void withdraw_id(const std::string& id);
    void withdraw_user(const std::string& user);

private:
    void keep(policies::tokens::revocation_kind kind, const std::string& id);

    kernel& kernel_;
    ledger& book_;
    std::shared_ptr<policies::tokens::revocation_store> store_ =
        std::make_shared<policies::tokens::revocation_store>(policies::tokens::revocation_store::key{{{1, 2}, {3, 4}}}, 1);
    std::vector<std::shared_ptr<policies::tokens::shared_revocations>> served_;
};

} // namespace bearward::simulation
