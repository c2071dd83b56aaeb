// A record that was begun goes out, whatever is written next; one that came is seen, whatever was read before.
#include "proxy/event/readiness.hpp"
#include "proxy/tls/session.hpp"
#include "tests/support/tls_peer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <memory>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace bearward::proxy::tls {
namespace {

using test::self_signed;

class tls_session_test : public ::testing::TestWithParam<int> {
protected:
    tls_session_test() : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
        const self_signed own = test::make_self_signed();
        const std::unique_ptr<BIO, int (*)(BIO*)> certificate{BIO_new_mem_buf(own.certificate.data(), -1), &BIO_free};
        const std::unique_ptr<BIO, int (*)(BIO*)> key{BIO_new_mem_buf(own.private_key.data(), -1), &BIO_free};
        const std::unique_ptr<X509, void (*)(X509*)> leaf{PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr), &X509_free};
        const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> secret{PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr),
                                                                    &EVP_PKEY_free};
        SSL_CTX_use_certificate(context_.get(), leaf.get());
        SSL_CTX_use_PrivateKey(context_.get(), secret.get());
        SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_read_ahead(context_.get(), 1);
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets_.data()) != 0) {
            throw std::runtime_error("socketpair");
        }
        ::fcntl(sockets_[0], F_SETFL, O_NONBLOCK);
        ssl_ptr ssl(SSL_new(context_.get()));
        SSL_set_accept_state(ssl.get());
        server_ = std::make_unique<session>(std::move(ssl), sockets_[0]);
        std::thread peer([this] { client_ = std::make_unique<test::tls_client>(sockets_[1], GetParam()); });
        while (!server_->handshake().done()) {
            std::this_thread::yield();
        }
        peer.join();
    }
    ~tls_session_test() override {
        for (const int each : sockets_) {
            ::close(each);
        }
    }

    io_result write(std::string text) {
        const iovec piece{text.data(), text.size()};
        return server_->write_some({&piece, 1});
    }
    /// Until nothing more fits; how often it did.
    std::size_t fill(const std::string& text) {
        std::size_t count = 0;
        while (write(text).done()) {
            ++count;
        }
        return count;
    }

    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::array<int, 2> sockets_{};
    std::unique_ptr<session> server_;
    std::unique_ptr<test::tls_client> client_;
};

TEST_P(tls_session_test, a_write_that_blocked_goes_on_with_its_own_bytes) {
    const std::string text(1000, 'a');
    const std::size_t written = fill(text);
    EXPECT_TRUE(server_->write_pending());
    std::string got;
    while (got.size() < written * text.size()) {
        got += client_->read();
    }
    EXPECT_TRUE(write(text + "and what came since").done());
    EXPECT_FALSE(server_->write_pending());
    got += client_->read();
    EXPECT_EQ(got.find_first_not_of('a'), got.find("and") == std::string::npos ? std::string::npos : got.find("and"));
}

TEST_P(tls_session_test, another_write_fails_instead_of_following_half_of_the_first) {
    fill(std::string(1000, 'a'));
    ASSERT_TRUE(server_->write_pending());
    const auto other = write(std::string(2000, 'b'));
    EXPECT_FALSE(other.done() || other.would_block());
    EXPECT_FALSE(write(std::string(1000, 'a')).done()) << "nothing may be written any more";
}

TEST_P(tls_session_test, less_than_what_blocked_fails_too) {
    fill(std::string(1000, 'a'));
    const auto less = write(std::string(999, 'a'));
    EXPECT_FALSE(less.done() || less.would_block());
}

TEST_P(tls_session_test, the_end_waits_for_room_as_any_record_does) {
    ASSERT_TRUE(write("a").done());
    ASSERT_EQ(client_->read(), "a"); // and the tickets before it
    std::array<char, 1000> block{};
    std::size_t before = 0; // none of it is the session's
    for (ssize_t sent = 0; (sent = ::send(sockets_[0], block.data(), block.size(), 0)) > 0;) {
        before += static_cast<std::size_t>(sent);
    }
    EXPECT_FALSE(server_->close_notify());
    EXPECT_FALSE(server_->close_notify());
    while (before != 0) {
        const auto got = ::recv(sockets_[1], block.data(), std::min(before, block.size()), 0);
        ASSERT_GT(got, 0);
        before -= static_cast<std::size_t>(got);
    }
    ASSERT_EQ(::recv(sockets_[1], block.data(), 1, MSG_PEEK | MSG_DONTWAIT), -1);
    EXPECT_TRUE(server_->close_notify());
    EXPECT_EQ(client_->read(), "");
    EXPECT_EQ(::recv(sockets_[1], block.data(), 1, MSG_DONTWAIT), -1) << "it is sent once";
    EXPECT_TRUE(server_->close_notify());
    EXPECT_EQ(::recv(sockets_[1], block.data(), 1, MSG_DONTWAIT), -1) << "it is sent once";
}

TEST_P(tls_session_test, a_record_out_of_the_buffer_does_not_hide_what_has_come_since) {
    asio::io_context context(1);
    const stream_ptr peer(new stream(context, ::fcntl(sockets_[0], F_DUPFD_CLOEXEC, 0)));
    peer->secure(std::move(server_));
    const auto arrive = [&] {
        const auto records = client_->records();
        ASSERT_EQ(::send(sockets_[1], records.data(), records.size(), 0), static_cast<ssize_t>(records.size()));
        context.poll(); // the loop's turn: the kernel's word reaches the stream
        ASSERT_TRUE(peer->readable());
    };
    std::array<char, 100> block{};
    const auto read = [&] { return std::string(block.data(), peer->read_some(block).bytes); };

    client_->hold_records();
    client_->write("first");
    client_->write("second");
    arrive();
    EXPECT_EQ(read(), "first"); // the receive took both
    client_->write("third");
    arrive();
    EXPECT_EQ(read(), "second");
    EXPECT_TRUE(peer->readable()) << "nobody would read the third, since the kernel says it once";
    EXPECT_EQ(read(), "third");
    EXPECT_FALSE(peer->readable());
}

INSTANTIATE_TEST_SUITE_P(versions, tls_session_test, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

} // namespace
} // namespace bearward::proxy::tls
