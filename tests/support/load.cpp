#include "tests/support/load.hpp"

namespace bearward::test {

load::load(std::size_t clients, std::vector<std::string> requests, std::function<raw_socket()> connect)
    : requests_(std::move(requests)), connect_(std::move(connect)), got_(clients) {
    for (auto& mine : got_) {
        clients_.emplace_back([this, &mine] { run(mine); });
    }
}

bool load::wait_for(std::uint64_t more) const {
    const auto wanted = good() + more;
    return wait_until([&] { return good() >= wanted; });
}

const std::vector<outcomes>& load::stop() {
    stopped_ = true;
    for (auto& each : clients_) {
        if (each.joinable()) {
            each.join();
        }
    }
    return got_;
}

void load::run(outcomes& mine) {
    auto client = connect_();
    for (std::size_t turn = 0; !stopped_; ++turn) {
        const auto& request = requests_[turn % requests_.size()];
        int status = 0;
        try {
            client.send(request);
            const auto answer = read_response(client, request.substr(0, request.find(' ')));
            status = answer.status();
            if (answer.field("Connection") == "close") {
                client = connect_();
            }
        } catch (const std::exception&) {
            client = connect_();
        }
        ++mine[status];
        ++(status == 200 ? good_ : bad_);
    }
}

} // namespace bearward::test
