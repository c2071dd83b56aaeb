// The keys of the rules' provider, which are not always there; and who gets them when a
// request needs them: late, without success, or never.
#pragma once

#include "policies/snapshot.hpp"
#include "proxy/supplier.hpp"
#include "tests/simulation/ledger.hpp"

#include <memory>
#include <vector>

namespace bearward::simulation {

class late_keys final : public proxy::supplier {
public:
    late_keys(kernel& of, ledger& book, choices random) : kernel_(of), book_(book), random_(std::move(random)) {}
    /// The rings have all keys again: other scenarios share them.
    ~late_keys() override;
    late_keys(const late_keys&) = delete;
    late_keys& operator=(const late_keys&) = delete;

    /// The keys of these rules come and go from now on, too.
    void serve(const policies::snapshot& rules);
    /// `all`: there are none; `others`: those at hand may not be all.
    void lack(shortage what);
    /// The worker is about to end: rounds that are under way tell nobody.
    void close() { open_.reset(); }

    std::chrono::milliseconds begin(const policies::need& what, proxy::ready_loop& on, std::function<void()> over) override;

private:
    struct provider_keys {
        std::shared_ptr<policies::tokens::key_ring> ring;
        policies::tokens::key_set_ptr all;
    };
    void apply(const provider_keys& to) const;

    kernel& kernel_;
    ledger& book_;
    choices random_;
    shortage now_ = shortage::none;
    std::vector<provider_keys> known_;
    std::shared_ptr<bool> open_ = std::make_shared<bool>(true);
};

} // namespace bearward::simulation
