using System.CommandLine;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>
/// Options that say which files are read and how: <c>--include</c>, <c>--exclude</c>, <c>--no-ignore</c>, <c>--follow-links</c>,
/// <c>--encoding</c>.
/// </summary>
internal sealed class FileSelectionArguments
{
    private readonly Option<string[]> _include = new("--include")
    {
        Description = "Read only files that match, below folders; may be repeated",
        HelpName = "GLOB",
    };
    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Leave out files and folders that match; may be repeated",
        HelpName = "GLOB",
    };
    private readonly Option<bool> _noIgnore = new("--no-ignore") { Description = "Read what .gitignore files leave out" };
    private readonly Option<bool> _followLinks = new("--follow-links") { Description = "Follow links below folders" };
    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Encoding of text files (default: recognized)",
        HelpName = "NAME",
    };

    public void AddTo(Command command)
    {
        command.Add(_include);
        command.Add(_exclude);
        command.Add(_noIgnore);
        command.Add(_followLinks);
        command.Add(_encoding);
    }

    public IngestionOptions Resolve(ParseResult parsed) =>
        new()
        {
            Include = parsed.GetValue(_include) ?? [],
            Exclude = parsed.GetValue(_exclude) ?? [],
            UseIgnoreFiles = !parsed.GetValue(_noIgnore),
            FollowLinks = parsed.GetValue(_followLinks),
            Encoding = parsed.GetValue(_encoding) is not { } name
                ? null
                : TextEncodings.Find(name)
                    ?? throw new HostException($"There is no encoding '{name}'; for instance utf-8, windows-1251, shift_jis, gb18030."),
        };
}
