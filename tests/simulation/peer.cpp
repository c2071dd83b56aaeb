#include "tests/simulation/peer.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

namespace bearward::simulation {

void ssl_deleter::operator()(SSL* ssl) const noexcept {
    SSL_free(ssl);
}

peer::peer(kernel& of, connection_ptr line, choices random, const sending_conduct& conduct)
    : kernel_(of), line_(std::move(line)), random_(random), conduct_(conduct) {}

peer::~peer() {
    line_->leave(); // nothing, where it is gone
}

task<bool> peer::secure(ssl_ptr ssl) {
    ssl_ = std::move(ssl);
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    while (true) {
        ERR_clear_error(); // whatever others left there would count as this one's
        const int result = SSL_do_handshake(ssl_.get());
        const int why = SSL_get_error(ssl_.get(), result);
        ERR_clear_error();
        flush();
        if (result == 1) {
            co_return true;
        }
        if (why != SSL_ERROR_WANT_READ || gone_) {
            co_return false;
        }
        co_await line_->arrival(24h);
        const auto bytes = line_->take();
        if (bytes.empty()) {
            ended_ = broken_ = true;
            co_return false;
        }
        BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
}

/// What OpenSSL wrote goes to the worker.
void peer::flush() {
    std::array<char, 4096> block{};
    for (int got = 0; (got = BIO_read(SSL_get_wbio(ssl_.get()), block.data(), block.size())) > 0;) {
        line_->push({block.data(), static_cast<std::size_t>(got)});
    }
}

task<bool> peer::send(std::string bytes) {
    while (sending_ && !gone_) {
        co_await kernel_.time.sleep(100us);
    }
    sending_ = true;
    const bool sent = co_await send_pieces(std::move(bytes));
    sending_ = false;
    co_return sent;
}

bool peer::send_whole(std::string_view bytes) {
    return !ssl_ && !gone_ && line_->push_whole(bytes);
}

task<bool> peer::send_pieces(std::string bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        if (gone_ || line_->broken()) {
            co_return false;
        }
        const std::size_t left = bytes.size() - sent;
        const std::size_t count = random_.percent(conduct_.whole) ? left : random_.between(1, left);
        if (ssl_) {
            ERR_clear_error();
            SSL_write(ssl_.get(), bytes.data() + sent, static_cast<int>(count));
            flush();
        } else {
            line_->push({bytes.data() + sent, count});
        }
        sent += count;
        co_await line_->delivery();
        if (sent < bytes.size()) {
            const auto pause = random_.percent(conduct_.long_pauses) ? conduct_.long_pause : conduct_.pause;
            co_await kernel_.time.sleep(nanoseconds(random_.below(static_cast<std::uint64_t>(pause.count()))));
        }
    }
    co_return !gone_ && !line_->broken();
}

task<std::string> peer::receive(nanoseconds at_most) {
    while (!gone_) {
        if (ssl_) { // some may have come with the handshake's end
            auto text = decrypt();
            if (!text.empty() || ended_) {
                co_return text;
            }
        }
        co_await line_->arrival(at_most);
        auto bytes = line_->take();
        if (bytes.empty()) {
            if (line_->ended()) {
                ended_ = true;
                broken_ = broken_ || line_->broken() || ssl_ != nullptr;
            }
            co_return bytes;
        }
        if (!ssl_) {
            co_return bytes;
        }
        BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
    co_return std::string{};
}

std::string peer::decrypt() {
    std::string all;
    std::array<char, 16 * 1024> block{};
    int got = 0;
    ERR_clear_error();
    while ((got = SSL_read(ssl_.get(), block.data(), block.size())) > 0) {
        all.append(block.data(), static_cast<std::size_t>(got));
    }
    switch (SSL_get_error(ssl_.get(), got)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        break;
    case SSL_ERROR_ZERO_RETURN:
        ended_ = true;
        break;
    default:
        ended_ = broken_ = true;
    }
    ERR_clear_error();
    flush(); // what it has to answer
    return all;
}

void peer::finish() {
    left_ = true;
    if (ssl_) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
        flush();
    }
    line_->finish();
}

void peer::abandon() {
    ended_ = broken_ = gone_ = left_ = true;
    line_->leave();
    line_->abandon();
}

void peer::reset() {
    gone_ = left_ = true;
    line_->reset();
}

} // namespace bearward::simulation
