namespace SearchEngine.Training;

/// <summary>
/// A run's hold on its output folder: one process at a time, and no second run in the place of a first unless told. Dispose to let go.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private const string LockName = "run.lock";

    private readonly FileStream _lock;

    private OutputFolder(FileStream held) => _lock = held;

    /// <summary>Takes the folder for a run.</summary>
    /// <param name="config">Whose output it is.</param>
    /// <param name="resume">Whether the run that may be there goes on.</param>
    /// <exception cref="TrainingException">The folder holds a run, is in use, or is one that the run reads from.</exception>
    public static OutputFolder Take(TrainingConfig config, bool resume)
    {
        var folder = config.OutputPath;
        foreach (var (setting, path) in Inputs(config))
        {
            if (Real(path) == Real(folder))
            {
                throw new TrainingException(
                    $"'output' is the folder of '{setting}' ({folder}): the run would overwrite what it starts from. Choose another 'output'."
                );
            }
        }

        if (File.Exists(folder))
            throw new TrainingException($"'output' is a file: {folder}. It must be a folder, new or empty.");
        Directory.CreateDirectory(folder);
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new TrainingException($"Another run works in '{folder}'. Wait for it, end it, or choose another 'output'.", e);
        }

        try
        {
            if (!resume)
                Clear(folder, config.Overwrite);
            return new OutputFolder(held);
        }
        catch
        {
            Release(held);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Release(_lock);

    /// <summary>Removes the file while it is held: who waits for it opens a new one.</summary>
    private static void Release(FileStream held)
    {
        File.Delete(held.Name);
        held.Dispose();
    }

    private static void Clear(string folder, bool overwrite)
    {
        if (TrainingCheckpoint.Newest(folder) is not { } checkpoint)
            return;
        if (!overwrite)
        {
            throw new TrainingException(
                $"'{folder}' holds a run already ({Path.GetFileName(checkpoint)}). Add --resume to go on with it, --overwrite to delete it, or choose another 'output'."
            );
        }
        Directory.Delete(Path.GetDirectoryName(checkpoint)!, recursive: true);
    }

    private static IEnumerable<(string Setting, string Path)> Inputs(TrainingConfig config)
    {
        if (config.Model is { } model)
            yield return ("model", config.Resolve(model));
        if (config is DistillConfig distill)
        {
            foreach (var teacher in distill.Teachers.Where(t => t.Model is not null))
                yield return ("teachers", config.Resolve(teacher.Model!));
        }
    }

    private static string Real(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Directory.Exists(full) ? new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full : full;
    }
}
