using Lucene.Net.Index;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>Finds the commit to open.</summary>
internal static class CommitFinder
{
    private const string GenerationHint = "segments.gen";

    /// <summary>
    /// The commit of the given generation, or the newest readable one; null if the directory holds no index yet.
    /// A directory in which the very first commit was torn by a crash counts as empty, since no document can have been committed.
    /// </summary>
    internal static IndexCommit? Find(Directory directory, string location, long? generation)
    {
        string[] files;
        try
        {
            files = directory.ListAll();
        }
        catch (DirectoryNotFoundException)
        {
            files = [];
        }
        var hasCommit = Array.Exists(files, f => f.StartsWith("segments_", StringComparison.Ordinal));
        var hasSegments = Array.Exists(files, f => f.StartsWith('_'));
        if (!hasCommit)
        {
            if (hasSegments)
            {
                throw new LexicalIndexException(
                    $"The index in '{location}' has segments but no commit: files are missing. Rebuild it from the records.",
                    location
                );
            }
            if (generation is not null)
            {
                throw new LexicalIndexException(
                    $"There is no index in '{location}', and so no commit {generation}. Rebuild it from the records.",
                    location
                );
            }
            return null;
        }
        IList<IndexCommit> commits;
        try
        {
            commits = ListCommits(directory, files);
        }
        catch (IOException)
            when (!hasSegments && generation is null && files.Count(f => f.StartsWith("segments_", StringComparison.Ordinal)) == 1)
        {
            foreach (var file in directory.ListAll().Where(f => f.StartsWith("segments", StringComparison.Ordinal)))
                directory.DeleteFile(file);
            return null;
        }
        if (generation is null)
            return commits.MaxBy(c => c.Generation);
        if (commits.Any(c => c.Generation == generation))
            DiscardIncomplete(directory, commits.Where(c => c.Generation > generation));
        return commits.FirstOrDefault(c => c.Generation == generation)
            ?? throw new LexicalIndexException(
                $"The index in '{location}' has no commit {generation} (it has {string.Join(", ", commits.Select(c => c.Generation).Order())}). Rebuild it from the records.",
                location
            );
    }

    /// <summary>
    /// Removes commits of a history that is being abandoned which a loss of power left without some of their files, before a writer sees
    /// them: it would try to delete the missing files, note that it could not, and delete the files that it writes under those names
    /// later. The hint of the newest generation goes too: it would lead back to them.
    /// </summary>
    private static void DiscardIncomplete(Directory directory, IEnumerable<IndexCommit> abandoned)
    {
        HashSet<string> there = [.. directory.ListAll()];
        foreach (var commit in abandoned.Where(c => c.FileNames.Any(f => !there.Contains(f))))
        {
            if (there.Remove(GenerationHint))
                directory.DeleteFile(GenerationHint);
            directory.DeleteFile(commit.SegmentsFileName);
        }
    }

    /// <summary>
    /// Lists commits. The hint file of the newest generation can name a commit that was discarded in favour of an older one;
    /// Lucene then looks one generation back only. Without the hint it takes the newest that is there.
    /// </summary>
    private static IList<IndexCommit> ListCommits(Directory directory, string[] files)
    {
        try
        {
            return DirectoryReader.ListCommits(directory);
        }
        catch (IOException) when (Array.Exists(files, f => f == GenerationHint))
        {
            directory.DeleteFile(GenerationHint);
            return DirectoryReader.ListCommits(directory);
        }
    }
}
