using SearchEngine.Api.Contracts;
using SearchEngine.Api.Ingest;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Api.Endpoints;

/// <summary>Ingestion: uploads and folders become jobs; jobs are listed, watched and cancelled.</summary>
internal static class IngestEndpoints
{
    public static void Map(WebApplication application)
    {
        application
            .MapPost("/collections/{name}/ingest", UploadAsync)
            .Streams(Access.Write, BodyKind.Stream)
            .WithSummary("Take in files (multipart/form-data) as a job; with an admin key the collection is made where it is not there");
        application
            .MapPost("/collections/{name}/ingest/folder", FolderAsync)
            .Needs(Access.Admin)
            .WithSummary("Take in a folder of the host's machine that the settings allow, as a job");
        application
            .MapGet("/jobs", (IngestJobs jobs, Caller caller) => new JobsReply([.. jobs.List(caller).Select(job => job.State)]))
            .Needs(Access.Read)
            .WithSummary("Jobs that run, wait or ended lately");
        application
            .MapGet("/jobs/{id}", (string id, IngestJobs jobs, Caller caller) => jobs.Find(id, caller).State)
            .Needs(Access.Read)
            .WithSummary("A job and how far it is");
        application
            .MapGet(
                "/jobs/{id}/events",
                (string id, IngestJobs jobs, Caller caller, CancellationToken cancellationToken) =>
                    TypedResults.ServerSentEvents(jobs.Find(id, caller).WatchAsync(cancellationToken), "progress")
            )
            .Streams(Access.Read)
            .WithSummary("A job's progress as server-sent events, to its end");
        application
            .MapDelete(
                "/jobs/{id}",
                async (string id, IngestJobs jobs, Caller caller) =>
                {
                    await jobs.Find(id, caller).Cancellation.CancelAsync();
                    return Results.Accepted();
                }
            )
            .Needs(Access.Write)
            .WithSummary("Cancel a job; what it has written is kept");
    }

    private static async Task<IResult> UploadAsync(
        string name,
        OpenedDatabase database,
        IngestJobs jobs,
        Caller caller,
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        // Whether the collection may be written to is known before the files are taken.
        if (await database.Database.CollectionExistsAsync(name, cancellationToken) || caller.Access < Access.Admin)
            IngestionSchema.RequireFits((await database.GetAsync(name, caller, cancellationToken)).Schema);
        var folder = Directory.CreateTempSubdirectory("searchengine-upload-").FullName;
        var began = false;
        try
        {
            await UploadReader.ReadAsync(request, folder, cancellationToken);
            var options = new IngestionOptions
            {
                Chunking = database.Chunking,
                EmbedPassages = database.EmbedPassages,
                BaseDirectory = folder,
                RemoveDeleted = false,
                UseIgnoreFiles = false,
            };
            var job = await jobs.BeginAsync(
                new IngestJob(IngestJobs.NewId(), name, folder, options, isUpload: true),
                caller,
                cancellationToken
            );
            began = true;
            return Results.Accepted($"/jobs/{job.Id}", job.State);
        }
        finally
        {
            if (!began)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IResult> FolderAsync(
        string name,
        IngestFolderBody body,
        OpenedDatabase database,
        IngestJobs jobs,
        Caller caller,
        ApiSettings settings,
        CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrWhiteSpace(body.Path))
            throw new ArgumentException("'path' names no folder.");
        var folder = SearchDatabase.ResolvePath(body.Path);
        if (!settings.IngestFolders.Any(allowed => IsBelow(SearchDatabase.ResolvePath(allowed), folder)) || !Directory.Exists(folder))
            throw RequestException.Forbidden("This is no folder from which the settings (Api:IngestFolders) allow to take files.");
        var options = new IngestionOptions
        {
            Chunking = database.Chunking,
            EmbedPassages = database.EmbedPassages,
            NamedRoots = true,
            Include = body.Include ?? [],
            Exclude = body.Exclude ?? [],
        };
        var job = await jobs.BeginAsync(
            new IngestJob(IngestJobs.NewId(), name, folder, options, isUpload: false),
            caller,
            cancellationToken
        );
        return Results.Accepted($"/jobs/{job.Id}", job.State);
    }

    private static bool IsBelow(string parent, string folder) =>
        folder == parent
        || folder.StartsWith(
            Path.EndsInDirectorySeparator(parent) ? parent : parent + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );
}
