using System.CommandLine;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>
/// Options that say which files are read and how: <c>--include</c>, <c>--exclude</c>, <c>--no-ignore</c>, <c>--follow-links</c>,
/// <c>--encoding</c>, <c>--ocr</c>.
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

    private readonly Option<string?> _ocr = new("--ocr")
    {
        Description = "Program that recognizes the text of scanned pages and images: called with a file and a page, writes the text",
        HelpName = "PROGRAM",
    };

    public void AddTo(Command command)
    {
        command.Add(_include);
        command.Add(_exclude);
        command.Add(_noIgnore);
        command.Add(_followLinks);
        command.Add(_encoding);
        command.Add(_ocr);
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
            Recognition =
                parsed.GetValue(_ocr) is not { } program ? null
                : IsThere(program) ? TextRecognition.ByCommand(program)
                : throw new HostException($"There is no program '{program}' to recognize text with, neither as a path nor on the PATH."),
        };

    /// <summary>Whether a program is there: told before anything is read, not for each page.</summary>
    private static bool IsThere(string program)
    {
        if (program.Contains(Path.DirectorySeparatorChar) || program.Contains('/'))
            return File.Exists(program);
        string[] endings = OperatingSystem.IsWindows() ? ["", ".exe", ".cmd", ".bat"] : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => endings.Any(ending => File.Exists(Path.Combine(folder, program + ending))));
    }
}
