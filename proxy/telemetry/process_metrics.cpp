#include "proxy/telemetry/process_metrics.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

std::string text_of(const char* file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return std::move(text).str();
}

/// When the kernel started counting, in seconds since the epoch.
std::optional<double> boot_time() {
    std::istringstream lines(text_of("/proc/stat"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("btime ")) {
            return std::stod(line.substr(6));
        }
    }
    return std::nullopt;
}

/// Field 22 of /proc/self/stat (proc(5)): the start in ticks after boot. Fields
/// are counted behind the program's name, which may hold spaces and brackets.
double start_time() {
    const std::string all = text_of("/proc/self/stat");
    std::istringstream fields(all.substr(all.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 22; ++field) {
        fields >> skipped;
    }
    double ticks = 0;
    fields >> ticks;
    const auto booted = boot_time();
    return fields && booted ? *booted + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)) : 0;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<double> cpu_seconds() {
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) != 0) {
        return std::nullopt;
    }
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::optional<double> resident_memory() {
    std::istringstream fields(text_of("/proc/self/statm"));
    double total = 0;
    double resident = 0;
    if (!(fields >> total >> resident)) {
        return std::nullopt;
    }
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::optional<double> open_descriptors() {
    std::error_code error;
    std::filesystem::directory_iterator each("/proc/self/fd", error);
    double count = 0;
    for (; !error && each != std::filesystem::directory_iterator{}; each.increment(error)) {
        ++count;
    }
    // One of them reads this folder.
    return error || count == 0 ? std::nullopt : std::optional(count - 1);
}

std::optional<double> max_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return std::nullopt;
    }
    return static_cast<double>(limit.rlim_cur);
}

void add(std::vector<MetricFamily>& to, const char* name, const char* help, MetricType type, std::optional<double> value) {
    if (!value) {
        return;
    }
    prometheus::ClientMetric sample;
    (type == MetricType::Counter ? sample.counter.value : sample.gauge.value) = *value;
    to.push_back({name, help, type, {std::move(sample)}});
}

} // namespace

process_metrics::process_metrics() : started_(start_time()) {}

std::vector<MetricFamily> process_metrics::Collect() const {
    std::vector<MetricFamily> families;
    add(families, "process_cpu_seconds_total", "User and system CPU time spent.", MetricType::Counter, cpu_seconds());
    add(families, "process_resident_memory_bytes", "Resident memory.", MetricType::Gauge, resident_memory());
    add(families, "process_open_fds", "Open file descriptors.", MetricType::Gauge, open_descriptors());
    add(families, "process_max_fds", "The limit of open file descriptors.", MetricType::Gauge, max_descriptors());
    add(families, "process_start_time_seconds", "When the process started, since the epoch.", MetricType::Gauge,
        started_ == 0 ? std::nullopt : std::optional(started_));
    return families;
}

} // namespace bearward::proxy
