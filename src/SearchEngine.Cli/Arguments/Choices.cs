using System.CommandLine;

namespace SearchEngine.Cli.Arguments;

/// <summary>Options with checked values and plain messages.</summary>
internal static class Choices
{
    /// <summary>An option that takes one of the values.</summary>
    public static Option<string?> Of(string name, string description, params string[] values)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', values) };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !values.Contains(token.Value, StringComparer.OrdinalIgnoreCase))
                result.AddError($"{name} takes {string.Join(", ", values[..^1])} or {values[^1]}, not '{token.Value}'");
        });
        option.CompletionSources.Add(values);
        return option;
    }

    /// <summary>The option <c>--mode</c>.</summary>
    public static Option<string?> Mode() => Of("--mode", "Which rankers answer (default: hybrid)", "hybrid", "vector", "keyword");

    /// <summary>The value of <see cref="Mode"/>; null where it was not given.</summary>
    public static SearchMode? ModeOf(string? value) => value is null ? null : Enum.Parse<SearchMode>(value, ignoreCase: true);

    /// <summary>An option that takes a whole number of at least <paramref name="minimum"/>.</summary>
    public static Option<int?> Number(string name, string description, int minimum, string helpName = "N", params string[] aliases)
    {
        var option = new Option<int?>(name, aliases)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value) && value >= minimum)
                    return value;
                result.AddError($"{name} takes a whole number of at least {minimum}, not '{text}'");
                return null;
            },
        };
        return option;
    }
}
