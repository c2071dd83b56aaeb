// A client's certificate without a connection.
#pragma once

#include "policies/requests/client_certificate.hpp"

#include <string>
#include <utility>

namespace bearward::policies::test {

class shown_certificate final : public requests::client_certificate {
public:
    explicit shown_certificate(jose::certificate_names names) : names_(std::move(names)) {}
    [[nodiscard]] std::string_view sha256() const override { return verified ? hash : std::string_view{}; }
    [[nodiscard]] const jose::certificate_names* names() const override {
        ++asked;
        return verified ? &names_ : nullptr;
    }

    std::string hash = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
    bool verified = true;
    mutable int asked = 0;

private:
    jose::certificate_names names_;
};

inline const std::string hex_of_hash = "0380ed2f626650c840b2f263e6d2b29fae12ab39ae5db32b25ad27efad72e6fd";

} // namespace bearward::policies::test
