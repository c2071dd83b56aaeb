// Runs a fuzz target once over each file of a folder: the corpus, and every input
// that fuzzing once found, stay covered in builds without libFuzzer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: fuzz_replay_NAME FOLDER\n", stderr);
        return 2;
    }
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator entry(argv[1], error), end; !error && entry != end; entry.increment(error)) {
        if (entry->is_regular_file()) {
            files.push_back(entry->path());
        }
    }
    if (error || files.empty()) {
        std::fprintf(stderr, "%s: no corpus: %s\n", argv[1], error ? error.message().c_str() : "the folder is empty");
        return 1;
    }
    std::sort(files.begin(), files.end());
    LLVMFuzzerTestOneInput(nullptr, 0);
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
        // The name is out before the run, so that a crash says which input it was.
        std::printf("%s\n", file.c_str());
        std::fflush(stdout);
        // An exact copy on the heap: reading past the end is seen by the address sanitizer.
        const std::vector<std::uint8_t> input(text.begin(), text.end());
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%zu inputs\n", files.size());
    return 0;
}
