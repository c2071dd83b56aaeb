#include "bench/load/load.hpp"
#include "bench/load/sockets.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>

namespace bearward::bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t block_size = 256 * 1024;

class generator;

/// One connection: idle, or with one request under way.
class client {
public:
    explicit client(generator& of) : of_(of) {}
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    ~client() { end(); }

    void begin(clock::time_point due);
    void on_event();
    [[nodiscard]] bool connect();

private:
    void end() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
            descriptor_ = -1;
        }
    }
    [[nodiscard]] bool send();
    [[nodiscard]] bool receive();
    void take(std::string_view bytes);
    void finish();
    void fail();

    generator& of_;
    int descriptor_ = -1;
    clock::time_point due_;
    bool busy_ = false;
    const std::string* head_ = nullptr;
    std::size_t head_sent_ = 0;
    std::uint64_t upload_left_ = 0;
    std::string answer_; ///< the head so far
    std::uint64_t body_left_ = 0;
    bool in_body_ = false;
    int status_ = 0;
};

class generator {
public:
    explicit generator(const load_options& options) : options_(options) {
        for (const auto& token : options.tokens.empty() ? std::vector<std::string>{""} : options.tokens) {
            std::string head = (options.upload != 0 ? "PUT " : "GET ") + options.path + " HTTP/1.1\r\nHost: bench.test\r\n";
            head += "User-Agent: bench/1\r\nAccept: */*\r\n";
            head += options.header.empty() ? "" : options.header + "\r\n";
            head += token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
            head += options.upload != 0 ? "Content-Length: " + std::to_string(options.upload) + "\r\n" : "";
            head += options.fresh ? "Connection: close\r\n" : "";
            heads_.push_back(head + "\r\n");
        }
    }

    load_result run() {
        start_ = clock::now();
        for (std::size_t index = 0; index < options_.connections; ++index) {
            clients_.push_back(std::make_unique<client>(*this));
            if (options_.rate > 0) {
                idle_.push_back(clients_.back().get());
            } else if (more()) {
                clients_.back()->begin(clock::now());
            }
        }
        while (running_ != 0 || more()) {
            start_due();
            for (const auto& event : events_.wait(until_next())) {
                static_cast<client*>(event.data.ptr)->on_event();
            }
        }
        result_.took = clock::now() - start_;
        return std::move(result_);
    }

    void ended(client& one, clock::time_point due, bool good) {
        --running_;
        const auto now = clock::now();
        if (good) {
            ++result_.done;
            result_.latencies.push_back(
                static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(now - due).count()));
        }
        if (options_.rate > 0) {
            idle_.push_back(&one);
        } else if (more()) {
            one.begin(now);
        }
    }

    const std::string& next_head() {
        ++running_;
        return heads_[started_++ % heads_.size()];
    }

    const load_options& options() const { return options_; }
    poller& events() { return events_; }
    load_result& result() { return result_; }

private:
    [[nodiscard]] bool more() const {
        if (result_.failed > 1000) {
            return false;
        }
        return options_.count != 0 ? started_ < options_.count : clock::now() - start_ < options_.duration;
    }
    [[nodiscard]] clock::time_point next_due() const {
        return start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(started_) / options_.rate * 1e9));
    }
    void start_due() {
        while (options_.rate > 0 && more() && !idle_.empty() && next_due() <= clock::now()) {
            client* const one = idle_.front();
            idle_.pop_front();
            one->begin(next_due());
        }
    }
    [[nodiscard]] std::optional<std::chrono::nanoseconds> until_next() const {
        const std::chrono::nanoseconds longest = std::chrono::seconds{1};
        if (options_.rate <= 0 || idle_.empty()) {
            return longest;
        }
        return std::clamp<std::chrono::nanoseconds>(next_due() - clock::now(), std::chrono::nanoseconds{0}, longest);
    }

    const load_options& options_;
    std::vector<std::string> heads_;
    poller events_;
    std::vector<std::unique_ptr<client>> clients_;
    std::deque<client*> idle_;
    clock::time_point start_;
    std::uint64_t started_ = 0;
    std::size_t running_ = 0;
    load_result result_;
};

bool client::connect() {
    descriptor_ = connect_to(of_.options().port);
    if (descriptor_ < 0) {
        return false;
    }
    of_.events().add(descriptor_, this);
    return true;
}

void client::begin(clock::time_point due) {
    due_ = due;
    busy_ = true;
    head_ = &of_.next_head();
    head_sent_ = 0;
    upload_left_ = of_.options().upload;
    if ((descriptor_ < 0 && !connect()) || !send()) {
        fail();
    }
}

bool client::send() {
    static const std::string filler(block_size, 'u');
    while (head_sent_ != head_->size() || upload_left_ != 0) {
        const bool head = head_sent_ != head_->size();
        const char* const from = head ? head_->data() + head_sent_ : filler.data();
        const auto size = head ? head_->size() - head_sent_ : static_cast<std::size_t>(std::min<std::uint64_t>(upload_left_, block_size));
        const auto sent = ::send(descriptor_, from, size, MSG_NOSIGNAL | (head && upload_left_ != 0 ? MSG_MORE : 0));
        if (sent < 0) {
            return errno == EAGAIN;
        }
        if (head) {
            head_sent_ += static_cast<std::size_t>(sent);
        } else {
            upload_left_ -= static_cast<std::uint64_t>(sent);
        }
    }
    return true;
}

void client::on_event() {
    if (descriptor_ < 0) {
        return;
    }
    if (!busy_) {
        // An event that is older than the last read, or the server has hung up.
        char byte = 0;
        if (::recv(descriptor_, &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN) {
            fail();
        }
    } else if (!send() || !receive()) {
        fail();
    }
}

bool client::receive() {
    static const auto block = std::make_unique<std::array<char, block_size>>();
    while (busy_ && descriptor_ >= 0) {
        const auto got = ::recv(descriptor_, block->data(), block->size(), 0);
        if (got <= 0) {
            return got < 0 && errno == EAGAIN;
        }
        take({block->data(), static_cast<std::size_t>(got)});
        if (static_cast<std::size_t>(got) < block->size()) {
            return true; // a short read: the socket is empty
        }
    }
    return true;
}

void client::take(std::string_view bytes) {
    if (!in_body_) {
        answer_ += bytes;
        const auto end = answer_.find("\r\n\r\n");
        if (end == std::string::npos) {
            return;
        }
        const std::string_view head(answer_.data(), end);
        status_ = std::atoi(answer_.c_str() + 9);
        auto field = head.find("ontent-Length: ");
        field = field == std::string_view::npos ? head.find("ontent-length: ") : field;
        body_left_ = field == std::string_view::npos ? 0 : std::strtoull(head.data() + field + 15, nullptr, 10);
        bytes = bytes.substr(bytes.size() - (answer_.size() - end - 4));
        in_body_ = true;
        answer_.clear();
    }
    body_left_ -= std::min<std::uint64_t>(body_left_, bytes.size());
    if (body_left_ == 0) {
        finish();
    }
}

void client::finish() {
    in_body_ = busy_ = false;
    of_.result().unsuccessful += status_ / 100 == 2 ? 0 : 1;
    if (of_.options().fresh) {
        end();
    }
    of_.ended(*this, due_, true);
}

void client::fail() {
    ++of_.result().failed;
    end();
    answer_.clear();
    in_body_ = false;
    if (std::exchange(busy_, false)) {
        of_.ended(*this, due_, false);
    }
}

} // namespace

load_result run_requests(const load_options& options) {
    return generator(options).run();
}

} // namespace bearward::bench
