#include "policies/jose/algorithm.hpp"
#include "proxy/commands/declared_command.hpp"
#include "proxy/commands/first_configuration.hpp"
#include "proxy/commands/manual_page.hpp"

#include <algorithm>

namespace bearward::proxy::commands {
namespace {

void append_word(std::string& words, const std::string& word) {
    words += (words.empty() ? "" : " ") + word;
}

/// What stands after an option, by its type's name.
std::string describe_value(const std::string& type) {
    if (type == "FILE") {
        return "-f";
    }
    if (type == "A") {
        std::string names;
        for (const auto& row : policies::jose::algorithm_table) {
            append_word(names, std::string(row.word));
        }
        return "-W '" + names + "'";
    }
    if (type == "KIND") {
        std::string words = app_words();
        std::erase(words, ',');
        return "-W '" + words + "'";
    }
    return "-W ''";
}

std::string list_words(const CLI::App& app) {
    std::string words;
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        append_word(words, each->get_name());
    }
    for (const CLI::Option* each : app.get_options()) {
        for (const std::string& name : each->get_lnames()) {
            append_word(words, "--" + name);
        }
    }
    return words;
}

std::string list_value_options(const CLI::App& app) {
    std::string cases;
    for (const CLI::Option* each : app.get_options()) {
        std::string names;
        for (const std::string& name : each->get_snames()) {
            names += (names.empty() ? "-" : " | -") + name;
        }
        for (const std::string& name : each->get_lnames()) {
            names += (names.empty() ? "--" : " | --") + name;
        }
        if (!names.empty() && each->get_items_expected_max() != 0) {
            cases += "          " + names + ") values=(" + describe_value(each->get_type_name()) + ") ;;\n";
        }
    }
    return cases;
}

/// Whether a file may stand alone.
bool takes_file(const CLI::App& app) {
    return std::ranges::any_of(app.get_options(), [](const CLI::Option* each) {
        return each->get_lnames().empty() && each->get_snames().empty() && each->get_type_name() == "FILE";
    });
}

} // namespace

std::string make_bash_completion() {
    CLI::App app("", "bearward");
    parsed_options options;
    (void)declare_commands(app, options);
    std::string commands;
    std::string cases;
    for (const declared_command& each : list_commands(app)) {
        if (!each.path.empty()) {
            commands += (commands.empty() ? "\"" : " | \"") + each.path + '"';
        }
        cases += "      \"" + each.path + "\")\n        words='" + list_words(*each.app) + "'" +
                 (takes_file(*each.app) ? " files=-f" : "") + "\n        case $before in\n" + list_value_options(*each.app) +
                 "        esac\n        ;;\n";
    }
    return "# Completes the command line of bearward in bash. Made from its declarations; don't edit it.\n"
           "_bearward() {\n"
           "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' files='' each\n"
           "  local values=()\n"
           "  for each in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n"
           "    case \"${command:+$command }$each\" in\n      " +
           commands + ") command=\"${command:+$command }$each\" ;;\n    esac\n  done\n  case $command in\n" + cases +
           "  esac\n"
           "  if [ ${#values[@]} -gt 0 ]; then\n"
           "    mapfile -t COMPREPLY < <(compgen \"${values[@]}\" -- \"$word\")\n"
           "  else\n"
           "    mapfile -t COMPREPLY < <(compgen ${files:+\"$files\"} -W \"$words\" -- \"$word\")\n"
           "  fi\n"
           "}\n"
           "complete -o filenames -F _bearward bearward\n";
}

} // namespace bearward::proxy::commands
